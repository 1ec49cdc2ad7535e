"""What may stand as text in a plan, from a file as from Python: a statement holds it, and who reads that has the same rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from privmask.language import Text
from privmask.masks.fault import Fault

LONGEST_TEXT = 1000
A_TEXT = Text(
    f"{LONGEST_TEXT} 字以内の、表示できる文字の文字列", f"a text of at most {LONGEST_TEXT} printable characters"
)


def is_text(value: Any) -> bool:
    """Whether it may stand in a plan."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and value.isprintable()


def text_faults(**texts: str) -> Iterator[Fault]:
    """One, with its place, for each of these that may not."""
    return (Fault(place, _NO_TEXT) for place, text in texts.items() if not is_text(text))


_NO_TEXT = Text("{what}ではありません", "is not {what}").with_(what=A_TEXT)
