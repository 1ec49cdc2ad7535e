"""The kinds of values that a site's rules and requests hold, each checked where it enters.

A field carries its name for people as a `Text` in its annotation; `word_of` finds it. Complaints that are ours travel through
pydantic as `fault`, so that they arrive in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from privmask.language import Text

T = TypeVar("T")

FAULT = "fault"
LONGEST_LINE = 200
LONGEST_PARAGRAPH = 2000
MOST_ITEMS = 500

TO_FILL_IN = "要記入"
"""Stands in a template where only the site knows the answer; `check` complains about every one that is left."""

_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?", re.ASCII)
_REQUEST_ID = re.compile(r"R-\d{4}-\d{4,6}", re.ASCII)
KEY_ID = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_NOTHING = re.compile(r"[\s\-–―ー\uff0d./]*|なし|無し|無|不明|未定|番号なし|n/?a|none|unknown|tbd", re.IGNORECASE)
_FRACTION = re.compile(r"-?\d{1,12}/\d{1,12}", re.ASCII)


def fault(text: Text) -> PydanticCustomError:
    """A complaint in both languages, as pydantic wants it raised."""
    return PydanticCustomError(FAULT, "{en}", {"en": text.en, "text": text})


class Checked(BaseModel):
    """A table: frozen, without unknown keys, and without guessing (the text "30" is no number)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def as_data(self) -> dict[str, Any]:
        """As plain JSON data, under the names of the file, without what was not given."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def word_of(field: FieldInfo) -> Text | None:
    """The field's name for people, if it has one."""
    return next((each for each in field.metadata if isinstance(each, Text)), None)


def _line(text: str) -> str:
    if not text.strip():
        raise fault(Text("空欄です。記入してください", "is empty; fill it in"))
    if len(text) > LONGEST_LINE or not text.replace("　", " ").isprintable():
        raise fault(
            Text(f"{LONGEST_LINE}字以内の1行で書いてください", f"must be one line of at most {LONGEST_LINE} letters")
        )
    return text.strip()


def _paragraph(text: str) -> str:
    if not text.strip():
        raise fault(Text("空欄です。記入してください", "is empty; fill it in"))
    if len(text) > LONGEST_PARAGRAPH or not all(line.replace("　", " ").isprintable() for line in text.split("\n")):
        most = LONGEST_PARAGRAPH
        raise fault(Text(f"{most}字以内の文で書いてください", f"must be plain text of at most {most} letters"))
    return text.strip()


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        words = Text(
            "記号は半角の英小文字・数字・「-」「_」「.」だけで40字以内にしてください（例：camera-1）",
            "an id is 1 to 40 of a-z, 0-9, - _ . and begins and ends with a letter or digit, such as camera-1",
        )
        raise fault(words)
    return text


def _request_id(text: str) -> str:
    return text if _REQUEST_ID.fullmatch(text) else _identifier(text)


def _real(text: str) -> str:
    if _NOTHING.fullmatch(_line(text).strip()):
        words = Text(
            "番号や名称のない書類では提供できません（偽の照会の典型です）",
            "says nothing; a letter without it is a known sign of fraud, and is no ground",
        )
        raise fault(words)
    return text.strip()


def _kind_only(text: str) -> str:
    if len(re.findall(r"\d", _line(text))) >= 4:
        words = Text(
            "書類の種類だけを書いてください（番号は記録しません）", "name the kind of document only, never its number"
        )
        raise fault(words)
    return text.strip()


def _key_id(text: str) -> str:
    if not KEY_ID.fullmatch(text):
        words = Text(
            "署名鍵の指紋ではありません。`privmask keys show` が示す SHA256:… を書いてください",
            "is no fingerprint of a key; write the SHA256:… that `privmask keys show` gives",
        )
        raise fault(words)
    return text


def _file(text: str) -> str:
    parts = text.split("/")
    if not text.isprintable() or "\\" in text or "" in parts or ".." in parts or len(text) > LONGEST_LINE:
        words = Text(
            "このファイルのあるフォルダーから見た相対パスで書いてください（「..」や「/」始まりは使えません）",
            "must be a path below the folder of this file, without .. and not from / on",
        )
        raise fault(words)
    return text


def _from_iso(value: Any) -> Any:
    """Times may come as text, as in JSON; whatever is none is left for pydantic to refuse."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _day_from_iso(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        words = Text(
            "時差（タイムゾーン）がありません。{now}+09:00 のように書いてください",
            "has no time zone; write it with one, such as {now}+09:00",
        )
        raise fault(words.with_(now=moment.isoformat()))
    return moment


def _point(value: Any) -> tuple[Any, Any]:
    pair = value if isinstance(value, list | tuple) else ()
    if len(pair) != 2 or not all(_is_number(number) for number in pair):
        words = Text("頂点は [x, y] の2つの数で書いてください", "a corner is a pair of numbers [x, y]")
        raise fault(words)
    return pair[0], pair[1]


def _is_number(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (isinstance(value, str) and bool(_FRACTION.fullmatch(value)))


Line: TypeAlias = Annotated[str, AfterValidator(_line)]
Paragraph: TypeAlias = Annotated[str, AfterValidator(_paragraph)]
Identifier: TypeAlias = Annotated[str, AfterValidator(_identifier)]
RequestId: TypeAlias = Annotated[str, AfterValidator(_request_id)]
"""Such as R-2026-0001, as the register gives it, or an identifier of the site's own."""
Real: TypeAlias = Annotated[str, AfterValidator(_real)]
"""A line that says something: "none" and a dash are refused."""
KindOnly: TypeAlias = Annotated[str, AfterValidator(_kind_only)]
"""The kind of a document of identity, in which nobody may hide its number."""
KeyId: TypeAlias = Annotated[str, AfterValidator(_key_id)]
File: TypeAlias = Annotated[str, AfterValidator(_file)]
Day: TypeAlias = Annotated[date, BeforeValidator(_day_from_iso)]
Moment: TypeAlias = Annotated[datetime, BeforeValidator(_from_iso), AfterValidator(_aware)]
Corner: TypeAlias = Annotated[Any, AfterValidator(_point)]
Listed: TypeAlias = Annotated[tuple[T, ...], Field(strict=False, max_length=MOST_ITEMS)]
Some: TypeAlias = Annotated[tuple[T, ...], Field(strict=False, min_length=1, max_length=MOST_ITEMS)]


def is_blank(value: Any) -> bool:
    """Whether nothing was said: not there, an empty text, an empty list, or a table of nothing but such."""
    if isinstance(value, Mapping):
        return all(map(is_blank, value.values()))
    return value is None or value in ([], ()) or (isinstance(value, str) and not value.strip())
