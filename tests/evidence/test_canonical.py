from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import EvidenceError
from privmask.evidence.canonical import LARGEST_INTEGER, LARGEST_TEXT, Json, canonical_bytes, plain, read_canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_what_is_written_is_read_back_the_same(data: dict[str, Json]) -> None:
    assert read_canonical(canonical_bytes(data), "it") == data


@given(st.binary(max_size=60))
def test_no_bytes_whatever_raise_anything_but_evidence_errors(text: bytes) -> None:
    with pytest.raises(EvidenceError):
        read_canonical(b"x" + text, "it")


HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no JSON"),
    "cut": (b'{"a":1', "no JSON"),
    "a list": (b"[]", "no JSON object"),
    "a key twice": (b'{"a":1,"a":2}', "says a thing twice"),
    "a key twice, once escaped": (b'{"a":1,"\\u0061":2}', "says a thing twice"),
    "a float": (b'{"a":1.5}', "floating-point"),
    "an exponent": (b'{"a":1e3}', "floating-point"),
    "not a number": (b'{"a":NaN}', "floating-point"),
    "infinity": (b'{"a":-Infinity}', "floating-point"),
    "a large integer": (b'{"a":9007199254740992}', "integer beyond"),
    "an endless integer": (b'{"a":' + b"9" * 5000 + b"}", "integer beyond"),
    "minus nothing": (b'{"a":-0}', "canonical form"),
    "spaces": (b'{"a": 1}', "canonical form"),
    "a line break at the end": (b'{"a":1}\n', "canonical form"),
    "keys in disorder": (b'{"b":1,"a":2}', "canonical form"),
    "escapes that need not be": (b'{"a":"\\u0062"}', "canonical form"),
    "a byte order mark": (b'\xef\xbb\xbf{"a":1}', "no JSON"),
    "another encoding": ('{"a":1}'.encode("utf-16"), "no JSON"),
    "bytes that are no text": (b'{"a":"\xff"}', "no JSON"),
    "half a character": (b'{"a":"\\ud800"}', "canonical form"),
    "half a character as a key": (b'{"\\udfff":1}', "canonical form"),
    "a NUL": (b'{"a":"\x00"}', "no JSON"),
    "something after it": (b'{"a":1}{"a":1}', "no JSON"),
    "a depth without a bottom": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "no JSON"),
    "too many values": (b'{"a":[' + b"[]," * 2_000_000 + b"[]]}", "more than"),
}


@pytest.mark.parametrize(("text", "says"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_not_the_one_canonical_form_is_refused(text: bytes, says: str) -> None:
    with pytest.raises(EvidenceError, match=f"it .*{says}") as refused:
        read_canonical(text, "it")
    assert len(str(refused.value)) < 400


def test_a_text_that_is_too_large_is_refused_before_it_is_read() -> None:
    text = bytes(LARGEST_TEXT + 1)
    tracemalloc.start()
    try:
        with pytest.raises(EvidenceError, match="64 MiB"):
            read_canonical(text, "it")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_the_vector_of_rfc_8785_about_the_order_of_keys() -> None:
    keys: dict[str, Json] = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\x80": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = [
        "\r",
        "1",
        "\x80",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]  # by UTF-16: the emoji before the Hebrew letter
    assert list(read_canonical(canonical_bytes(keys), "it")) == order


@dataclass
class Gop:
    start: Fraction
    packets: int


def test_python_s_own_kinds_become_plain() -> None:
    value = {
        "gops": (Gop(Fraction(1, 3), 2),),
        "large": 2**53,
        "small": -(2**53) + 1,
        "seven": np.int32(7),
        "none": None,
    }
    assert plain(value, "it") == {
        "gops": [{"start": "1/3", "packets": 2}],
        "large": "9007199254740992",
        "small": -9007199254740991,
        "seven": 7,
        "none": None,
    }


NOT_PLAIN: dict[str, tuple[Callable[[], object], str]] = {
    "a float": (lambda: {"a": [{"b": 0.5}]}, r"it\.a\[0\]\.b is a float"),
    "a float of numpy": (lambda: {"a": np.float64(1)}, r"it\.a is a float64"),
    "bytes": (lambda: {"a": b"x"}, r"it\.a is a bytes"),
    "a set": (lambda: {"a": {1}}, r"it\.a is a set"),
    "a class": (lambda: {"a": Gop}, r"it\.a is a type"),
    "a key that is no text": (lambda: {"a": {1: 2}}, r"it\.a has the key 1"),
}


@pytest.mark.parametrize(("value", "says"), NOT_PLAIN.values(), ids=NOT_PLAIN.keys())
def test_what_has_no_place_in_a_statement_is_named_with_its_place(value: Callable[[], object], says: str) -> None:
    with pytest.raises(EvidenceError, match=says):
        plain(value(), "it")


def test_text_that_is_no_unicode_cannot_be_written() -> None:
    with pytest.raises(EvidenceError, match="canonical"):
        canonical_bytes({"a": "\ud800"})
    with pytest.raises(EvidenceError, match="canonical"):
        canonical_bytes({"\ud800": "a"})
