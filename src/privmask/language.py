"""Sentences for people, in the two languages of this house: Japanese for the clerk, English for everybody else.

A sentence is one value, so that neither language can be forgotten, and whoever shows it chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ja", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages. `{name}` in it is a gap that `with_` fills, once."""

    ja: str
    en: str

    def said(self, language: Language) -> str:
        """The sentence in that language."""
        return self.ja if language == "ja" else self.en

    def with_(self, **values: object) -> Text:
        """The sentence with its gaps filled by `str.format`, a `Text` in its own language; KeyError for a gap that is left."""
        return Text(self.ja.format(**_in("ja", values)), self.en.format(**_in("en", values)))

    def __str__(self) -> str:
        return self.en


def _in(language: Language, values: dict[str, object]) -> dict[str, object]:
    return {name: value.said(language) if isinstance(value, Text) else value for name, value in values.items()}
