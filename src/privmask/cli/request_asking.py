"""The talk at the counter: each field of a request that is still open is asked for, in the order of the form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from privmask.cli.asking import as_day, as_moment, ask, pick
from privmask.errors import PlanError
from privmask.language import Text
from privmask.policy import Ground, Site, field_fault, ground_of, missing_fields

_CHOICES: dict[str, dict[str, Text]] = {
    "kind": {"view": Text("閲覧", "to view"), "provide": Text("複写の提供", "to get a copy")},
    "evidence.kind": {"self": Text("画像の本人", "the person in the pictures"), "consent": Text("同意", "consent")},
    "evidence.danger_to": {
        "life": Text("生命", "life"),
        "body": Text("身体", "body"),
        "property": Text("財産", "property"),
        "public_interest": Text("公共の利益", "the public interest"),
    },
    "evidence.ground": {str(each): each.words for each in Ground},
}


def ask_missing(data: dict[str, Any], site: Site, at: datetime) -> None:
    """Ask for each field that is missing in `data`, and put the answers there; each is asked for until it can be used."""
    while missing := missing_fields({**data, "request_id": "-"}):
        path, word = missing[0]
        *tables, last = path.split(".")
        table = data
        for name in tables:
            table = table.setdefault(name, {})
        table[last] = _asked(path, word, site, at, ground_of(data))


def _asked(path: str, word: Text, site: Site, at: datetime, ground: Ground | None) -> Any:
    choices = _CHOICES.get(path) or _of_the_site(path, site)
    if choices:
        keys = list(choices)
        return keys[pick(word, list(choices.values()))]

    def check(answer: str) -> None:
        wrong = field_fault(path, _value(path, answer, site, at), ground)
        if wrong:
            raise PlanError(wrong)

    hint = _HINTS.get(_sort(path))
    question = _WITH_HINT.with_(word=word, hint=_filled(hint, site)) if hint else word
    return _value(path, ask(question, check), site, at)


def _of_the_site(path: str, site: Site) -> dict[str, Text]:
    if path == "identity.document_kind":
        return {each: Text(each, each) for each in site.disclosure.identity_documents}
    return {}


def _sort(path: str) -> str:
    if path in ("received_at", "cameras"):
        return path
    name = path.rpartition(".")[2]
    ends: Sequence[tuple[tuple[str, ...], str]] = (
        (("_at", "from", "to"), "moment"), (("_on", "_date", "_due"), "day"), (("_by",), "person"),
    )  # fmt: skip
    return next((sort for endings, sort in ends if name.endswith(endings)), "text")


def _value(path: str, answer: str, site: Site, at: datetime) -> Any:
    """The answer as the request holds it: times are the site's own, and an empty time of receipt is now."""
    answer, sort = answer.strip(), _sort(path)
    if sort == "cameras":
        return [each for each in answer.replace("、", ",").replace(",", " ").split() if each]
    if sort == "received_at" and not answer:
        return at.replace(microsecond=0).isoformat()
    if sort in ("moment", "received_at"):
        return as_moment(answer, site.site.timezone)
    return as_day(answer) if sort == "day" else answer


def _filled(hint: Text, site: Site) -> Text:
    cameras = ", ".join(each.id for each in site.cameras)
    people = ", ".join(each.id for each in site.people)
    return hint.with_(cameras=cameras, people=people, zone=site.site.timezone)


_WITH_HINT = Text("{word}（{hint}）", "{word} ({hint})")
_HINTS = {
    "moment": Text("例：2026-04-01 10:00", "such as 2026-04-01 10:00, in {zone}"),
    "received_at": Text("例：2026-04-01 10:00、空欄なら今", "such as 2026-04-01 10:00, in {zone}; empty: now"),
    "day": Text("例：2026-04-01", "such as 2026-04-01"),
    "person": Text("{people}", "{people}"),
    "cameras": Text("{cameras}、複数なら「,」で区切る", "{cameras}; commas between several"),
}
