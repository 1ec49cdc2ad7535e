"""`privmask due`: what has to be done by now, and soon."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, Site, office_of
from privmask.cli.words import answer
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.owing import Owed


@in_japanese("消去、回答、処分、点検などの期限を、超過日数と次にすることとともに示します。")
def due(
    within: Annotated[
        int,
        typer.Option(
            "--within",
            metavar="DAYS",
            min=0,
            help=both("この日数以内に期限が来るものも。", "Also what is due within so many days."),
        ),
    ] = 14,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """List what must be erased, answered, destroyed, inspected, with the days that it is over, and what comes next."""
    from privmask.looking_up import entries_of_duties
    from privmask.owing import owed

    with office_of(site, "due") as office:
        entries = entries_of_duties(office.register, office.at + timedelta(days=within + 1))
        found = owed(office.site, entries, office.at)
    listed = [each for each in found if each.overdue or each.days_over >= -within]
    data = {"due": [_as_data(each) for each in listed], "overdue": sum(each.overdue for each in listed)}
    answer({**data, "exit_code": 0}, "\n".join(map(_line, listed)) or said(_NOTHING), as_json=as_json)
    return 0


def _line(owed: Owed) -> str:
    return f"{said(_MARKS[owed.overdue])} {said(owed.text)} [{owed.clause}]"


def _as_data(owed: Owed) -> dict[str, object]:
    return {
        "kind": owed.kind,
        "about": owed.about,
        "clause": owed.clause,
        "due": owed.due.isoformat(),
        "days_over": owed.days_over,
        "overdue": owed.overdue,
        "ja": owed.text.ja,
        "en": owed.text.en,
    }


_MARKS = {True: Text("期限超過", "OVERDUE"), False: Text("予定", "to come")}
_NOTHING = Text("期限の来ているものはありません。", "Nothing is due.")
