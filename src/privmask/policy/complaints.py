"""What is wrong with a site's rules: each complaint with its place and line, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from pydantic import BaseModel

from privmask.language import Text
from privmask.policy.fields import FAULT, TO_FILL_IN, word_of

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Severity: TypeAlias = Literal["error", "warning"]
Place: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing: `place` such as `camera[2].plan` ("" for the whole), the guideline's clause, and the line if it is known."""

    place: str
    text: Text
    clause: str | None = None
    severity: Severity = "error"
    line: int | None = None

    @property
    def sentence(self) -> Text:
        """Place, line and what is wrong, in one line."""
        return _SENTENCES[bool(self.place), self.line is not None].with_(
            place=self.place, line=self.line, text=self.text
        )


_SENTENCES = {
    (True, True): Text("{line}行目 {place}：{text}", "line {line}, {place}: {text}"),
    (True, False): Text("{place}：{text}", "{place}: {text}"),
    (False, True): Text("{line}行目：{text}", "line {line}: {text}"),
    (False, False): Text("{text}", "{text}"),
}


def short(value: Any, longest: int = 60) -> str:
    """`value` for a sentence: only letters that can be seen, and not too many."""
    text = str(value) if isinstance(value, str | Decimal) else repr(value)
    text = "".join(letter if letter.isprintable() or letter == "\u3000" else "?" for letter in text)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def code(value: Any) -> str:
    """`value` for a sentence about what was typed at the counter: a code or a number as it is, no name of anybody."""
    text = str(value)
    return text if _CODE.fullmatch(text) else "?"


_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}", re.ASCII)


def place_in_words(place: Sequence[str | int], show: Callable[[str], str] = short) -> str:
    """`("camera", 1, "plan")` as `camera[2].plan`: people count from one."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{show(part)}" if text else show(part)
    return text


def unfilled(data: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text that a template left open, with its place and hint."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from unfilled(value, (*place, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from unfilled(value, (*place, number))
    elif isinstance(data, str) and TO_FILL_IN in data:
        yield place, data


def words_for(error: ErrorDetails, model: type[BaseModel], place: Place, show: Callable[[Any], str] = short) -> Text:
    """What pydantic found wrong at a place in a table of that model, in both languages; `show` writes what was found."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == FAULT:
        own: Text = context["text"]
        return own
    if kind == "extra_forbidden":
        return _unknown(str(place[-1]), known_at(model, place[:-1]))
    if kind == "missing":
        label = label_at(model, place)
        return _MISSING.with_(word=label) if label else _MISSING_TABLE
    for start, text in _KINDS.items():
        if kind.startswith(start):
            return text.with_(found=show(error["input"]), **{key: context.get(key) for key in _BOUNDS})
    return Text(f"正しくありません（{error['msg']}）", error["msg"])


def label_at(model: type[BaseModel], place: Sequence[str | int]) -> Text | None:
    """The name for people of the field at a place."""
    for part in place[:-1]:
        inner = _inner(model, part)
        if inner is None:
            return None
        model = inner
    for name, field in model.model_fields.items():
        if place[-1] in (name, field.alias):
            return word_of(field)
    return None


def known_at(model: type[BaseModel], place: Sequence[str | int]) -> tuple[str, ...]:
    """The keys that the table at a place may have."""
    for part in place:
        inner = _inner(model, part)
        if inner is None:
            return ()
        model = inner
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _inner(model: type[BaseModel], part: str | int) -> type[BaseModel] | None:
    """The model of the tables under a key; a number in a list changes nothing."""
    if isinstance(part, int):
        return model
    for name, field in model.model_fields.items():
        if part in (name, field.alias):
            return next(_models(field.annotation), None)
    return None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _unknown(key: str, known: Sequence[str]) -> Text:
    near = get_close_matches(key.lower()[:100], known, 1)
    if near:
        return _UNKNOWN_NEAR.with_(near=near[0])
    return _UNKNOWN.with_(known=", ".join(known))


_BOUNDS = ("ge", "gt", "le", "lt", "expected", "min_length", "max_length", "actual_length", "error")
_MISSING = Text("{word}が記入されていません", "is missing: {word}")
_MISSING_TABLE = Text("この項目がありません", "is missing")
_UNKNOWN = Text("知らない項目です（使える項目：{known}）", "is not known; known here: {known}")
_UNKNOWN_NEAR = Text("知らない項目です。「{near}」の書き間違いではありませんか", "is not known; did you mean {near!r}?")
TO_FILL = Text("まだ記入されていません（{hint}）", "is still to be filled in ({hint})")

# pydantic's kind of error, by how its name begins.
_KINDS = {
    "string_type": Text(
        '「{found}」は文字列ではありません（" " で囲んでください）', "must be text in quotes, not {found}"
    ),
    "bool": Text("「{found}」は true か false で書いてください", "must be true or false, not {found}"),
    "int": Text(
        "「{found}」は整数（引用符なし）で書いてください", "must be a whole number without quotes, not {found}"
    ),
    "datetime": Text(
        "「{found}」は日時ではありません（例：2026-04-01T10:00:00+09:00）",
        "must be a date and time with its zone, such as 2026-04-01T10:00:00+09:00, not {found}",
    ),
    "date": Text(
        "「{found}」は日付ではありません（例：2026-04-01、引用符なし）", "must be a day such as 2026-04-01, not {found}"
    ),
    "literal_error": Text("「{found}」は使えません。次のどれかです：{expected}", "{found!r} is none of {expected}"),
    "too_short": Text("{min_length}個以上必要です", "must hold at least {min_length}"),
    "too_long": Text("多すぎます（{max_length}個まで）", "holds too many: {max_length} at most"),
    "tuple": Text("[ ] で囲んだ一覧で書いてください", "must be a list in [ ]"),
    "missing_argument": Text("足りない値があります", "holds too few values"),
    "unexpected_positional": Text("値が多すぎます", "holds too many values"),
    "model": Text("表（[項目] または [[項目]]）で書いてください", "must be a table, under [name] or [[name]]"),
    "greater_than_equal": Text("「{found}」は小さすぎます（{ge}以上）", "{found} is too small: {ge} at least"),
    "greater_than": Text("「{found}」は小さすぎます", "{found} is too small: above {gt}"),
    "less_than": Text("「{found}」は大きすぎます（{le}まで）", "{found} is too large: {le} at most"),
}
