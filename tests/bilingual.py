"""What is said to people stands in both languages."""

from __future__ import annotations

import re

from privmask.language import Text

_JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")


def faults(text: object) -> list[str]:
    """Why this is no sentence in both languages; nothing where it is one."""
    if not isinstance(text, Text):
        return [f"{text!r} is in one language only"]
    found = [] if _JAPANESE.search(text.ja) else [f"no Japanese: {text.ja!r}"]
    found += [f"English within Japanese: {text.ja!r}"] if _ENGLISH.search(text.ja) else []
    return found + ([f"Japanese within English: {text.en!r}"] if _JAPANESE.search(text.en) else [])
