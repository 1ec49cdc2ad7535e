"""`privmask record`: complaints, answers, contractors, disposed media, leaks, briefings, reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from privmask.cli import options
from privmask.cli.asking import as_day, as_moment, ask, is_terminal, pick
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of, recorded
from privmask.cli.words import answer
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.office import Office
    from privmask.policy.records import RecordField, RecordKind

Kind = Literal["complaint", "answer", "contractor", "disposal", "leak", "briefing", "review", "clock"]


@in_japanese(
    "苦情とその回答、委託先への徹底、媒体の処分、漏えい、周知、緊急提供の見直し、時計の訂正を記録します。"
    "\n\n--set で指定しなかった項目は、端末で一つずつ尋ねます。"
)
def record(
    kind: Annotated[
        Kind,
        typer.Argument(
            metavar="KIND",
            help=both(
                "何の記録か。complaint（苦情）、answer（回答）、contractor（委託先）、disposal（処分）、"
                "leak（漏えい）、briefing（周知）、review（見直し）、clock（時計の訂正）。",
                "What happened: complaint, answer, contractor, disposal, leak, briefing, review, clock.",
            ),
        ),
    ],
    person: As,
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=both("項目の値。何度でも指定できます。", "One field. May be given several times."),
        ),
    ] = None,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Record a complaint, an answer, a contractor's briefing, a destroyed medium, a leak, a briefing, a review, a set clock.

    What --set leaves open is asked for on a terminal.
    """
    from privmask.recording import record as put_down

    data = dict(_split(field) for field in fields or ())
    with office_of(site, kind, set_back=kind == "clock") as office:
        if is_terminal():
            _ask_missing(kind, data, office)
        done = put_down(office, kind, _in_zone(kind, data, office), person)
    said_of = [said(_NUMBERED.with_(id=done.id, due=done.due))] if done.id else []
    more = {"id": done.id, "due": done.due.isoformat() if done.due else None}
    text = "\n".join([*said_of, recorded(done.receipt)])
    answer({"kind": kind, **more, "receipt": done.receipt.as_data(), "exit_code": 0}, text, as_json=as_json)
    return 0


def _split(field: str) -> tuple[str, str]:
    name, equals, value = field.partition("=")
    if not equals or not name:
        raise PlanError(_NO_FIELD)
    return name, value


def _ask_missing(kind: RecordKind, data: dict[str, Any], office: Office) -> None:
    from privmask.policy.records import record_fields

    for field in record_fields(kind):
        if field.name not in data:
            data[field.name] = _asked(kind, field, office)


def _asked(kind: RecordKind, field: RecordField, office: Office) -> str:
    from privmask.policy.records import CHOICE_WORDS, record_fault

    if field.choices and field.needed:
        return field.choices[pick(field.word, [CHOICE_WORDS[each] for each in field.choices])]

    def check(answer: str) -> None:
        wrong = record_fault(kind, field.name, _typed(field, answer, office))
        if wrong:
            raise PlanError(wrong)

    return ask(Text("{word}{hint}", "{word}{hint}").with_(word=field.word, hint=_hint(field)), check)


def _hint(field: RecordField) -> Text:
    optional = Text("", "") if field.needed else _OPTIONAL
    return Text("{kind}{optional}", "{kind}{optional}").with_(kind=_HINTS[field.kind], optional=optional)


def _in_zone(kind: RecordKind, data: dict[str, Any], office: Office) -> dict[str, Any]:
    """Times without a zone are the site's own."""
    from privmask.policy.records import record_fields

    known = {each.name: each for each in record_fields(kind)}
    return {name: _typed(known[name], value, office) if name in known else value for name, value in data.items()}


def _typed(field: RecordField, answer: str, office: Office) -> str:
    if field.kind == "moment":
        return as_moment(answer, office.site.site.timezone)
    return as_day(answer) if field.kind == "day" else answer


_HINTS = {
    "text": Text("", ""),
    "choice": Text("", ""),
    "day": Text("（例：2026-04-01）", " (such as 2026-04-01)"),
    "moment": Text("（例：2026-04-01 10:00）", " (such as 2026-04-01 10:00)"),
}
_OPTIONAL = Text("（なければEnter）", " (Enter if there is none)")
_NO_FIELD = Text(
    "--set は NAME=VALUE の形で書いてください（例：channel=phone）", "--set takes NAME=VALUE, such as channel=phone"
)
_NUMBERED = Text(
    "番号は {id} です。{due} までに回答し、privmask record answer で記載してください",
    "It is {id}. Answer it by {due}, and record that with privmask record answer",
)
