"""The talk at the counter: each field of a request that is still open is asked for, in the order of the form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from privmask.cli.asking import as_day, as_moment, ask, pick
from privmask.cli.language import said
from privmask.cli.words import say
from privmask.errors import PlanError
from privmask.language import Text
from privmask.policy import Ground, Site, field_fault, ground_of, missing_fields, required_fields

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


def ask_request(data: dict[str, Any], site: Site, at: datetime) -> None:
    """Ask for each field that is missing in `data`, show them all, and ask again for those that are to be put right."""
    say(said(_BEGIN))
    while True:
        ask_missing(data, site, at)
        fields = [(path, word) for path, word in required_fields(ground_of(data)) if path != "request_id"]
        say("\n".join([said(_SUMMARY), *(_line(number, each, data) for number, each in enumerate(fields, 1))]))
        number = ask(_PUT_RIGHT, partial(_require_number, most=len(fields)))
        if not number.strip():
            return
        _forget(data, fields[int(number) - 1][0])


def ask_missing(data: dict[str, Any], site: Site, at: datetime) -> None:
    """Ask for each field that is missing in `data`, and put the answers there; each is asked for until it can be used."""
    while missing := missing_fields({**data, "request_id": "-"}):
        path, word = missing[0]
        *tables, last = path.split(".")
        table = data
        for name in tables:
            table = table.setdefault(name, {})
        table[last] = _asked(path, word, data, site, at)


def _asked(path: str, word: Text, data: dict[str, Any], site: Site, at: datetime) -> Any:
    choices = _CHOICES.get(path) or _of_the_site(path, site, at)
    if choices:
        keys = list(choices)
        return keys[pick(word, list(choices.values()))]

    def check(answer: str) -> None:
        value = _value(path, answer, site, at)
        wrong = field_fault(path, value, ground_of(data)) or _disagreement(path, value, data, site)
        if wrong:
            raise PlanError(wrong)

    hint = _HINTS.get(_sort(path))
    question = _WITH_HINT.with_(word=word, hint=_filled(hint, site)) if hint else word
    return _value(path, ask(question, check), site, at)


def _disagreement(path: str, value: Any, data: dict[str, Any], site: Site) -> Text | None:
    """What is said at once, though the whole request is looked at again when it is filed."""
    if path == "cameras":
        unknown = [each for each in value if each not in [camera.id for camera in site.cameras]]
        return _NO_CAMERA.with_(cameras=", ".join(unknown)) if unknown else None
    if path == "to" and datetime.fromisoformat(value) <= datetime.fromisoformat(data["from"]):
        return _ENDS_FIRST
    if path == "from" and datetime.fromisoformat(value) > datetime.fromisoformat(data["received_at"]):
        return _TO_COME
    return None


def _of_the_site(path: str, site: Site, at: datetime) -> dict[str, Text]:
    if path == "identity.document_kind":
        return {each: Text(each, each) for each in site.disclosure.identity_documents}
    if _sort(path) != "person":
        return {}
    day = site.day(at)
    here = [each for each in site.people if each.valid_from <= day <= each.valid_until]
    return {each.id: Text(f"{each.name}（{each.id}）", f"{each.name} ({each.id})") for each in here}


def _line(number: int, field: tuple[str, Text], data: dict[str, Any]) -> str:
    path, word = field
    value: Any = data
    for name in path.split("."):
        value = value[name]
    if path in _CHOICES:
        value = said(_CHOICES[path][value])
    elif _sort(path) in ("moment", "received_at"):
        value = f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}"
    return f"  {number:>2}  {said(word)}：{' '.join(value) if isinstance(value, list) else value}"


def _require_number(answer: str, most: int) -> None:
    if answer.strip() and (not answer.strip().isdecimal() or not 1 <= int(answer) <= most):
        raise PlanError(_BY_NUMBER.with_(most=most))


def _forget(data: dict[str, Any], path: str) -> None:
    """Take a field out, so that it is asked for again; with the ground goes its evidence."""
    *tables, last = path.split(".")
    table = data
    for name in tables:
        table = table[name]
    if path == "evidence.ground":
        table.clear()
    else:
        del table[last]


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
    return hint.with_(cameras=cameras, zone=site.site.timezone)


_BEGIN = Text(
    "提供依頼の受付です。1項目ずつお尋ねします。最後に全部を見て直せます。Ctrl-Cを押すと、何も記録せずにやめます。",
    "A request: one question after the other; at the end all of it can be put right. Ctrl-C stops, and nothing is recorded.",
)
_SUMMARY = Text("受け付ける内容は次のとおりです。", "This is what will be filed:")
_PUT_RIGHT = Text(
    "直す項目の番号（なければEnterで受け付けます）",
    "The number of what is to be put right, or Enter to file it",
)
_BY_NUMBER = Text("1から{most}までの番号か、Enterで答えてください", "answer with a number from 1 to {most}, or Enter")
_NO_CAMERA = Text("規程にないカメラです：{cameras}", "the rules know no camera {cameras}")
_ENDS_FIRST = Text("画像の終わりが始まりより後ではありません", "that is not after the beginning")
_TO_COME = Text("受付の後の画像は依頼できません", "that is after the request was received")
_WITH_HINT = Text("{word}（{hint}）", "{word} ({hint})")
_HINTS = {
    "moment": Text("例：2026-04-01 10:00", "such as 2026-04-01 10:00, in {zone}"),
    "received_at": Text("例：2026-04-01 10:00、空欄なら今", "such as 2026-04-01 10:00, in {zone}; empty: now"),
    "day": Text("例：2026-04-01", "such as 2026-04-01"),
    "cameras": Text("{cameras}、複数なら「,」で区切る", "{cameras}; commas between several"),
}
