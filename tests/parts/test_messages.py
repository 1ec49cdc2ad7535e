"""What workers say comes over whole, and what no worker says is refused."""

from __future__ import annotations

import json
from math import inf
from typing import Any

import pytest

from privmask.checking import Findings
from privmask.errors import CopyError, DamagedFootageError, FootageError, LateFieldsError, PlanError, PrivmaskError
from privmask.language import Text
from privmask.parts.messages import from_bytes, to_bytes
from privmask.parts.orders import Done, Failed, Message, Ready
from privmask.video import Part

PART = Part(b"\x00\x01\xff", ((512, 0, 512, True, 9000), (1024, 512, 0, False, 1)))


@pytest.mark.parametrize(
    "message",
    [Ready(), Done(7), PART, Findings(750, 41.25, 3, 1 / 3, 9, (16, 32)), Findings(1, inf, 0, 0.0)],
    ids=lambda message: type(message).__name__,
)
def test_what_a_worker_says_comes_over_as_it_was(message: Message) -> None:
    assert from_bytes(to_bytes(message)) == message


@pytest.mark.parametrize(
    "error",
    [
        CopyError("it cannot be written"),
        DamagedFootageError(Text("壊れています", "it is damaged")),
        PlanError("one", "two"),
        LateFieldsError("it turns interlaced", "tt"),
        FootageError("odd \udcff name"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_over_as_its_kind_with_words_in_both_languages(error: PrivmaskError) -> None:
    told = from_bytes(to_bytes(Failed(error)))
    assert isinstance(told, Failed)
    assert type(told.error) is type(error)
    assert str(told.error) == str(error)
    assert told.error.exit_code == error.exit_code
    assert getattr(told.error, "order", None) == getattr(error, "order", None)


FAILED = {"says": "Failed", "kind": "CopyError", "ja": "だめ", "en": "no", "order": None}


@pytest.mark.parametrize("kind", ["SystemExit", "Text", "ClassVar", "__name__", "LateFieldsError", "Nothing"])
def test_a_kind_of_error_that_no_worker_raises_is_one_of_footage(kind: str) -> None:
    told = from_bytes(json.dumps({**FAILED, "kind": kind}).encode())
    assert isinstance(told, Failed)
    assert type(told.error) is FootageError


@pytest.mark.parametrize(
    "said",
    [
        {"says": "Nothing"},
        {"says": "Done", "frames": "7"},
        {"says": "Part", "header": "AAA=", "packets": [[0, 0, 0, True, 0]]},
        {"says": "Part", "header": "AAA=", "packets": [[0, 0, 0, 1, 5]]},
        {"says": "Part", "header": "AAA=", "packets": [[0, None, 0, True, 5]]},
        {"says": "Part", "header": "???", "packets": []},
        {**FAILED, "en": None},
        {"says": "Findings", "frames": 1},
        json.loads(to_bytes(Findings(1, 40.0, 0, 0.0))) | {"faults": ["none"]},
        [1],
    ],
    ids=str,
)
def test_what_no_worker_says_is_refused(said: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        from_bytes(json.dumps(said).encode())
