"""Which language people are spoken to in: `--lang`, else that of the locale. Commands ask `language()` when they speak."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar

from privmask.language import Language, Text

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


def language() -> Language:
    """The language of this run."""
    return _chosen.get() or of_locale(os.environ)


def choose(chosen: Language | None) -> None:
    """Speak that language from now on; None: that of the locale."""
    _chosen.set(chosen)


def said(text: Text) -> str:
    """The sentence in the language of this run."""
    return text.said(language())


def of_locale(environment: Mapping[str, str]) -> Language:
    """Japanese where the locale of messages is Japanese, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "ja" if environment[name].split(".")[0].split("_")[0] == "ja" else "en"
    return "en"
