"""The formulas of the register's chain, and how its texts are written. Whoever has SHA-256 can compute all of them.

body_sha256 = SHA256(body)
entry_hash  = SHA256("privmask.register.v2\\n{seq}\\n{prev_hash}\\n{body_sha256}\\n"), prev_hash of entry 1 being 64 zeros
commitment  = HMAC-SHA256(salt, "{field}\\n{value}"), which stands in the body for a personal value; the salt has 32 bytes
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from privmask.errors import PlanError
from privmask.language import Text

FORMAT = "privmask.register.v2"
GENESIS = "0" * 64
SALT_BYTES = 32


def body_hash(body: bytes) -> str:
    """SHA-256 of an entry's body, in hexadecimal digits."""
    return sha256(body).hexdigest()


def entry_hash(seq: int, prev_hash: str, body_sha256: str) -> str:
    """The hash that the next entry names as its `prev_hash`."""
    return sha256(f"{FORMAT}\n{seq}\n{prev_hash}\n{body_sha256}\n".encode()).hexdigest()


def commitment(salt: bytes, field: str, value: str) -> str:
    """What stands in the body for a personal value: without the salt it says nothing about it. No field holds a line break."""
    return hmac.digest(salt, f"{field}\n{value}".encode(), "sha256").hex()


def written(data: Mapping[str, object] | str) -> bytes:
    """`data` as JSON on one line. PlanError for what JSON cannot say."""
    try:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except (TypeError, ValueError) as cause:  # ValueError: a NaN, a circle, or half a letter that UTF-8 cannot write
        raise PlanError(_NOT_JSON) from cause


def to_second(at: datetime) -> datetime:
    """`at` cut to a whole second, in its own zone. PlanError for a time without one."""
    if at.utcoffset() is None:
        raise PlanError(_NO_ZONE.with_(at=at.isoformat()))
    return at.replace(microsecond=0)


def in_utc(at: datetime) -> str:
    """Such as 2031-04-01T00:00:00Z: texts of this form stand in the order of their times."""
    return to_second(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_NOT_JSON = Text(
    "記載に、JSON で書けない値があります。文字・整数・真偽・それらの並びにしてください",
    "the entry holds a value that JSON cannot say; use texts, numbers, booleans and lists of them",
)
_NO_ZONE = Text(
    "日時 {at} に時間帯がありません。{at}+09:00 のように書いてください",
    "the time {at} has no time zone; write it with one, such as {at}+09:00",
)
