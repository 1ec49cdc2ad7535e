"""One thing that is wrong with a plan, and where, for people in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from privmask.language import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place, such as `mask[2].type`. A place is written the same in both languages."""

    place: str
    what: Text

    def within(self, place: str) -> Fault:
        """The same, where the place lies within another."""
        return Fault(f"{place}.{self.place}", self.what)

    @property
    def text(self) -> Text:
        """The whole line."""
        return _LINE.with_(place=self.place, what=self.what)

    def __str__(self) -> str:
        return self.text.en


_LINE = Text("{place}：{what}", "{place}: {what}")
