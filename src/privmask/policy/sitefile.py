"""site.toml from bytes or from a file: all that is wrong with it is told at once."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from privmask.errors import PlanError
from privmask.language import Text
from privmask.policy.checking import Found, contradictions
from privmask.policy.complaints import TO_FILL, Complaint, Place, Severity, place_in_words, short, unfilled, words_for
from privmask.policy.lines import Lines
from privmask.policy.site import SITE_FORMAT, Site

LARGEST_SITE = 1 << 20

_ERROR: Severity = "error"
_VERSION = re.compile(r"privmask\.site\.v(\d{1,6})")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def policy_hash(text: bytes) -> str:
    """The hex sha256 of the file's bytes: it stands in every record."""
    return hashlib.sha256(text).hexdigest()


def read_site(path: str | os.PathLike[str]) -> bytes:
    """The bytes of the file; `PlanError` if it cannot be read, is no regular file, or is over 1 MiB."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PlanError(_IRREGULAR.with_(path=os.fspath(path)))
            return file.read(LARGEST_SITE + 1)
    except (OSError, ValueError) as cause:
        why = getattr(cause, "strerror", None) or str(cause)
        raise PlanError(_UNREADABLE.with_(path=os.fspath(path), why=why)) from cause


def load_site(path: str | os.PathLike[str], at: datetime | None = None) -> Site:
    """The checked rules in the file; `PlanError` with every complaint. With `at`, they must also hold on that day."""
    return site_from(read_site(path), os.fspath(path), at)


def site_from(text: bytes, where: str = "site.toml", at: datetime | None = None) -> Site:
    """The checked rules in `text`; `PlanError` with every complaint, each of which opens with `where`."""
    site, complaints = examine_site(text, at)
    wrong = [each.sentence for each in complaints if each.severity == "error"]
    if site is None or wrong:
        raise PlanError(
            *(Text("{where}：{words}", "{where}: {words}").with_(where=where, words=each) for each in wrong)
        )
    return site


def check_site(text: bytes, at: datetime | None = None) -> list[Complaint]:
    """All that is wrong or unwise in `text`, in the order of its lines; with `at`, also what does not hold on that day."""
    return examine_site(text, at)[1]


def examine_site(text: bytes, at: datetime | None = None) -> tuple[Site | None, list[Complaint]]:
    """The rules, None if their shape is wrong, and all complaints."""
    data = _data(text)
    if isinstance(data, Complaint):
        return None, [data]
    lines = Lines(text.decode("utf-8-sig"))
    left = [(place, TO_FILL.with_(hint=short(hint)), _clause(place), _ERROR) for place, hint in unfilled(data)]
    site, found = _shaped(data, {place for place, *_ in left})
    if site is not None:
        found += contradictions(site, at)
    complaints = [Complaint(place_in_words(p), t, c, severity, lines.of(p)) for p, t, c, severity in left + found]
    return site, sorted(complaints, key=lambda each: each.line or 0)


def _shaped(data: dict[str, Any], left: set[Place]) -> tuple[Site | None, list[Found]]:
    """The rules, and what keeps them from being any; what a template left open was told already."""
    try:
        return Site.model_validate(data), []
    except ValidationError as error:
        errors = error.errors()
        told = left | {each["loc"] for each in errors}
        wrong = [each for each in errors if each["loc"] not in left and not _follows(each["loc"], told)]
        return None, [(each["loc"], words_for(each, Site, each["loc"]), _clause(each["loc"]), _ERROR) for each in wrong]


def _follows(place: Place, told: set[Place]) -> bool:
    """Whether a list is found too short only because something in it was told already."""
    depth = len(place)
    return any(len(each) > depth and each[:depth] == place and isinstance(each[depth], int) for each in told)


def _clause(place: Place) -> str | None:
    return _CLAUSES.get(str(place[0])) if place else None


def _data(text: bytes) -> dict[str, Any] | Complaint:
    if len(text) > LARGEST_SITE:
        return Complaint("", _HUGE)
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Complaint("", _NOT_UTF8.with_(byte=error.start + 1), line=text[: error.start].count(b"\n") + 1)
    try:
        data = tomllib.loads(decoded, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        return _not_toml(str(error))
    return _of_other_format(data, decoded) or data


def _not_toml(message: str) -> Complaint:
    place = _TOML_PLACE.search(message)
    why = short(_TOML_PLACE.sub("", message), 200)
    return Complaint("", _NOT_TOML.with_(why=why), line=int(place[1]) if place and place[1] else None)


def _of_other_format(data: dict[str, Any], text: str) -> Complaint | None:
    found = data.get("format")
    if found == SITE_FORMAT:
        return None
    line = Lines(text).of(("format",))
    if found is None:
        return Complaint("format", _NO_FORMAT, "III", line=line)
    version = _VERSION.fullmatch(found) if isinstance(found, str) else None
    words = _NEWER if version and int(version[1]) > 1 else _OTHER_FORMAT
    return Complaint("format", words.with_(found=short(found)), "III", line=line)


_CLAUSES = {
    "site": "III",
    "installer": "II-3",
    "contact": "II-3",
    "scope": "I-2",
    "purpose": "II-1",
    "sign": "II-3",
    "person": "II-4",
    "camera": "II-2",
    "storage": "II-6(1)",
    "retention": "II-6(3)",
    "disclosure": "II-7(2)",
    "complaints": "II-8",
    "network": "II-6(6)",
    "inspection": "II-10",
    "briefing": "III",
    "contractor": "II-9",
}
_IRREGULAR = Text("{path}：通常のファイルではありません", "{path}: is no regular file")
_UNREADABLE = Text(
    "{path}：読めません（{why}）。新しく作るには `privmask policy init`",
    "{path}: cannot be read ({why}); a new one is made by `privmask policy init`",
)
_HUGE = Text(
    "大きすぎます（1 MiBまで）。設置・運用規程のファイルではないようです",
    "is larger than 1 MiB: no file of a site's rules",
)
_NOT_UTF8 = Text(
    "{byte}バイト目がUTF-8ではありません。文字コードをUTF-8にして保存し直してください",
    "byte {byte} is not UTF-8; save the file as UTF-8",
)
_NOT_TOML = Text("TOMLとして読めません（{why}）", "is not TOML: {why}")
_NO_FORMAT = Text(
    '最初の行に format = "privmask.site.v1" がありません', 'is missing; the file opens with format = "privmask.site.v1"'
)
_NEWER = Text(
    "新しい版のprivmaskのための形式です（{found}）。privmaskを更新してください",
    "{found!r} was written for a newer privmask; update this one",
)
_OTHER_FORMAT = Text(
    "形式「{found}」は知りません（privmask.site.v1）", "{found!r} is not known; expected 'privmask.site.v1'"
)
