"""What a worker says, as JSON: it reads hostile footage, so that its words are taken as an enemy's, and never unpickled."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

from privmask.batch.jobs import Ask, Began, Busy, Message, Outcome, Ready
from privmask.copying import Progress
from privmask.language import Text

LONGEST = 128 << 20
"""Bytes of one message; a statement has at most half as many."""

_STAGES = ("searching", "drawing", "masking", "checking")
_ENDINGS = ("made", "there", "failed", "left")


def to_bytes(message: Message | Began) -> bytes:
    """The message as it goes over the wire."""
    match message:
        case Ready() | Busy():
            data: dict[str, Any] = {}
        case Ask(statement):
            data = {"statement": b64encode(statement).decode()}
        case _:
            data = asdict(message)
    return json.dumps({"says": type(message).__name__, **data}).encode("utf-8", "surrogatepass")


def from_bytes(text: bytes) -> Message | Began:
    """The message; ValueError for anything that no worker of ours says."""
    match json.loads(text):
        case {"says": "Ready"}:
            return Ready()
        case {"says": "Busy"}:
            return Busy()
        case {"says": "Began", "number": int(number), "attempt": int(attempt)}:
            return Began(number, attempt)
        case {"says": "Ask", "statement": str(statement)}:
            return Ask(b64decode(statement, validate=True))
        case {"says": "Progress", "stage": str(stage), "frames": int(frames), "total": int() | None as total}:
            return Progress(_one_of(stage, _STAGES), frames, total)
        case {"says": "Outcome", **told}:
            return _outcome(told)
        case _:
            raise ValueError("it said something that no worker says")


def _outcome(told: dict[Any, Any]) -> Outcome:
    match told:
        case {
            "number": int(number),
            "ending": str(ending),
            "code": int(code),
            "kind": str(kind),
            "message": message,
            "frames": int() | None as frames,
            "sha256": str() | None as sha256,
            "notices": list(notices),
        }:
            said = None if message is None else _text(message)
            known = (_one_of(ending, _ENDINGS), code, kind, said, frames, sha256)
            return Outcome(number, *known, notices=tuple(map(_text, notices)))
        case _:
            raise ValueError("it told of an outcome that no worker tells of")


def _text(told: Any) -> Text:
    match told:
        case {"ja": str(ja), "en": str(en)}:
            return Text(ja, en)
        case _:
            raise ValueError("it told of words that are none")


def _one_of(word: str, known: tuple[str, ...]) -> Any:
    if word not in known:
        raise ValueError(f"it said {word[:40]!r}")
    return word
