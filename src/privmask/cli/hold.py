"""`privmask hold`: a copy is not erased until a day, for a reason (消去停止)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of, recorded
from privmask.cli.words import answer
from privmask.errors import PlanError
from privmask.language import Text


@in_japanese(
    "複写の消去を、指定した日の終わりまで停止し、又は停止を解除します。行えるのは管理責任者だけです。"
    "期限のない停止はできません。"
)
def hold(
    copy_id: Annotated[str, typer.Argument(metavar="COPYID", help=both("複写の番号。", "The copy."))],
    person: As,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help=both("理由。台帳に記録します。", "Why; it is recorded."))
    ],
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="DATE",
            help=both("消去停止の最後の日（例：2027-03-31）。", "The last day of the hold, such as 2027-03-31."),
        ),
    ] = None,
    release: Annotated[
        bool, options.flag("--release", both("消去停止を、その日より前に終えます。", "End a hold before its day."))
    ] = False,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Keep a copy from being erased until the end of a day, or release it. Only the manager does; no hold is without end."""
    from privmask.keeping import hold_copy, release_copy

    if release == (until is not None):
        raise PlanError(_ONE_OF_BOTH)
    with office_of(site, "release" if release else "hold") as office:
        if until is None:
            receipt = release_copy(office, copy_id, reason, person)
        else:
            receipt = hold_copy(office, copy_id, day(until, "--until"), reason, person)
    text = (_RELEASED if release else _HELD).with_(id=copy_id, day=until)
    data = {"copy_id": copy_id, "until": until, "receipt": receipt.as_data(), "exit_code": 0}
    answer(data, f"{said(text)}\n{recorded(receipt)}", as_json=as_json)
    return 0


def day(text: str, word: str) -> date:
    """The DATE after that word; PlanError for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise PlanError(_NO_DAY.with_(word=word)) from cause


_ONE_OF_BOTH = Text(
    "--until DATE か --release のどちらか一方を指定してください", "say one of --until DATE and --release"
)
_HELD = Text("複写 {id} の消去を {day} まで停止しました", "the copy {id} is not erased before {day} is over")
_RELEASED = Text("複写 {id} の消去停止を解除しました", "the hold of the copy {id} is released")
_NO_DAY = Text("{word} は 2027-03-31 のような日付で書いてください", "{word} takes a day such as 2027-03-31")
