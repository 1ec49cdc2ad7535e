"""A receipt (記載証明): which entry stood at the end of the register at a time, outside the register.

Whoever holds one, on paper or in a statement, can tell later whether the register was cut or rewritten before it. As text it is
made to be read aloud and typed again: the hash in groups of digits, each row with two digits of its own that show a slip.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from privmask.errors import PlanError
from privmask.language import Text

_HEAD = "privmask.receipt.v1 台帳の記載証明 register receipt"
_ROW = 20  # digits; four rows hold any number below 2^256
_LINE = re.compile(r"([^:\uff1a]*)[:\uff1a](.*)")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Entry `seq` of the register of `site` has this hash and this time; seq 0 is the register before its first entry."""

    site: str
    seq: int
    entry_hash: str
    at: datetime

    def as_text(self) -> str:
        """Eight lines for paper."""
        rows = [f"{number}: {row} - {_slip(row):02d}" for number, row in enumerate(grouped_rows(self.entry_hash), 1)]
        facts = [f"site 設置場所: {self.site}", f"entry 記載番号: {self.seq}", f"date 日時: {self.at.isoformat()}"]
        return "\n".join([_HEAD, *facts, *rows, f"check 確認: {self._check()}", ""])

    def as_data(self) -> dict[str, object]:
        """The same for a statement in JSON."""
        return {"site": self.site, "seq": self.seq, "entry_hash": self.entry_hash, "at": self.at.isoformat()}

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """The receipt in the text of `as_text` or the JSON of `as_data`, typed in any width and spacing.

        Raises PlanError that says which row was misread.
        """
        return cls._of_data(text) if text.lstrip().startswith("{") else cls._of_lines(text)

    @classmethod
    def _of_data(cls, text: str) -> Receipt:
        try:
            data = json.loads(text)
            site, seq, stated, at = data["site"], data["seq"], data["entry_hash"], datetime.fromisoformat(data["at"])
        except (ValueError, TypeError, KeyError) as cause:
            raise PlanError(_UNREADABLE) from cause
        sound = isinstance(site, str) and type(seq) is int and seq >= 0 and isinstance(stated, str)
        if not sound or not _HASH.fullmatch(stated):
            raise PlanError(_UNREADABLE)
        return cls(site, seq, stated, at)

    @classmethod
    def _of_lines(cls, text: str) -> Receipt:
        lines = dict(filter(None, map(_named, text.splitlines())))
        try:
            number = int("".join(_digits_of_row(row, lines) for row in "1234"))
            at = datetime.fromisoformat(lines["date"].replace(" ", ""))
            found = cls(lines["site"], int(lines["entry"]), f"{number:064x}", at)
            check = re.sub(r"\D", "", lines["check"])
        except (ValueError, KeyError) as cause:
            raise PlanError(_UNREADABLE) from cause
        if check != found._check():
            raise PlanError(_MISREAD)
        return found

    def _check(self) -> str:
        """Four digits over the whole."""
        said = f"{self.site}\n{self.seq}\n{self.at.isoformat()}\n{self.entry_hash}"
        return f"{int(sha256(said.encode()).hexdigest(), 16) % 10_000:04d}"


def grouped_rows(entry_hash: str) -> Iterator[str]:
    """A hash as one number of 80 digits, in four rows of five groups: no letter to mishear, in any language."""
    digits = f"{int(entry_hash, 16):080d}"
    for start in range(0, 80, _ROW):
        row = digits[start : start + _ROW]
        yield " ".join(row[place : place + 4] for place in range(0, _ROW, 4))


def _named(line: str) -> tuple[str, str] | None:
    """The name of a line and what it says; the site's as it was written, all others in plain digits and letters."""
    found = _LINE.match(line)
    name, _, _ = unicodedata.normalize("NFKC", found[1]).strip().partition(" ") if found else ("", "", "")
    if found is None or not name:
        return None
    return name, found[2].strip() if name == "site" else unicodedata.normalize("NFKC", found[2]).strip()


def _slip(row: str) -> int:
    """The rest by 97: no single wrong digit, and no two that changed places, leave it as it is."""
    return int(row.replace(" ", "")) % 97


def _digits_of_row(number: str, lines: Mapping[str, str]) -> str:
    digits = re.sub(r"\D", "", lines[number])
    if len(digits) != _ROW + 2 or _slip(digits[:_ROW]) != int(digits[_ROW:]):
        raise PlanError(_MISREAD_ROW.with_(row=number))
    return digits[:_ROW]


_UNREADABLE = Text(
    "記載証明として読めません。「privmask.receipt.v1」から「check」までの各行を、そのまま入力してください",
    'this is no receipt; give all of its lines, from "privmask.receipt.v1" to "check"',
)
_MISREAD_ROW = Text(
    "記載証明の {row} 行目の数字に読み違いがあります。紙ともう一度見比べてください",
    "row {row} of the receipt's digits was misread; compare it with the paper once more",
)
_MISREAD = Text(
    "記載証明の設置場所・記載番号・日時・確認のどれかに読み違いがあります。紙ともう一度見比べてください",
    "site, entry, date or check of the receipt was misread; compare them with the paper once more",
)
