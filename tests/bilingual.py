"""What is said to people stands in both languages."""

from __future__ import annotations

import re

from privmask.errors import PrivmaskError
from privmask.language import Text

_JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_COMMANDS = re.compile(r"privmask [a-z]+( [a-z]+)?")
_ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")


def line_faults(error: PrivmaskError) -> list[str]:
    """The same of each line of an error that people read; for an error that is in English alone it is one."""
    if error.text is None:
        return [f"{error} is in English only"]
    ja, en = error.text.ja.split("\n"), error.text.en.split("\n")
    return [fault for pair in zip(ja, en, strict=True) for fault in faults(Text(*pair))]


def faults(text: object) -> list[str]:
    """Why this is no sentence in both languages; nothing where it is one."""
    if not isinstance(text, Text):
        return [f"{text!r} is in one language only"]
    found = [] if _JAPANESE.search(text.ja) else [f"no Japanese: {text.ja!r}"]
    found += [f"English within Japanese: {text.ja!r}"] if _ENGLISH.search(_COMMANDS.sub("", text.ja)) else []
    return found + ([f"Japanese within English: {text.en!r}"] if _JAPANESE.search(text.en) else [])
