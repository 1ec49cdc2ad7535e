"""What a worker says comes back as it was said, and nothing else is understood."""

from __future__ import annotations

import json

import pytest

from privmask.batch.jobs import Ask, Began, Busy, Message, Outcome, Ready
from privmask.batch.messages import from_bytes, to_bytes
from privmask.copying import Progress
from privmask.language import Text

SAID: list[Message | Began] = [
    Ready(),
    Busy(),
    Ask(b"\x00\xff a statement"),
    Began(3, 2),
    Progress("masking", 7, None),
    Progress("checking", 7, 9),
    Outcome(
        1,
        "made",
        frames=10,
        sha256="0" * 64,
        notices=(Text("注意", "a note"), Text("名前 bad\udcff", "bad\udcff name")),
    ),
    Outcome(2, "failed", 6, "Footage", Text("壊れています", "it is broken")),
]


@pytest.mark.parametrize("message", SAID, ids=lambda message: type(message).__name__)
def test_what_is_said_comes_back(message: Message | Began) -> None:
    assert from_bytes(to_bytes(message)) == message


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\x80\x04.",
        b"[]",
        b'"Ready"',
        b'{"says": "Stop"}',
        b'{"says": "Ask", "statement": 5}',
        b'{"says": "Ask", "statement": "?"}',
        b'{"says": "Progress", "stage": "thinking", "frames": 1, "total": 2}',
        b'{"says": "Progress", "stage": "masking", "frames": "1", "total": 2}',
        json.dumps({**json.loads(to_bytes(SAID[6])), "ending": "perfect"}).encode(),
        json.dumps({**json.loads(to_bytes(SAID[6])), "number": "1"}).encode(),
        json.dumps({**json.loads(to_bytes(SAID[7])), "message": {"en": "no Japanese"}}).encode(),
        json.dumps({**json.loads(to_bytes(SAID[7])), "message": "text"}).encode(),
    ],
)
def test_what_no_worker_says_is_refused(text: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_bytes(text)
