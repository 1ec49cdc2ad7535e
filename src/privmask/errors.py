"""The deliberate errors of privmask, one tree::

    PrivmaskError
    ├── PlanError             2  the words or the plan are wrong; nothing was read
    ├── EvidenceError         3  a statement, signature or hash does not hold
    │   └── OpenKeyError      2    a key that others can read, or another user's: nothing is signed with it
    ├── OriginalChangedError  4  the original changed while it was being copied
    ├── PolicyError           5  the site's rules refuse it
    ├── FootageError          6  footage that cannot be read, or not hidden safely
    │   ├── UnsupportedFootageError    sound, but privmask cannot hide in it safely
    │   │   └── LateFieldsError          begins progressive and turns interlaced: to be written as interlaced
    │   ├── DamagedFootageError        broken, cut, or not footage at all
    │   └── StreamLostError            a camera that cannot be reached, or sends nothing any more
    ├── CopyError             7  the copy could not be written
    │   └── CopyExistsError            something already has the copy's name
    └── DetectorError         8  a detector or its model failed

The number is the exit code of the command line. A message says what, where, what was found, what was expected and
what to do. It never holds a picture's content or a person's name.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from privmask.language import Text


class PrivmaskError(Exception):
    """Every error that privmask raises on purpose; `exit_code` is what the command line ends with.

    `text` is the message in both languages, where it was written for clerks.
    """

    exit_code: ClassVar[int] = 1
    text: Text | None = None

    def __init__(self, *words: object) -> None:
        super().__init__(*words)
        if words and isinstance(words[0], Text):
            self.text = words[0]


class PlanError(PrivmaskError):
    """The plan does not stand. `complaints` holds one line for each thing that is wrong, with its place."""

    exit_code = 2

    def __init__(self, *complaints: str | Text) -> None:
        self.complaints = tuple(map(str, complaints))
        self._words = complaints
        super().__init__("\n".join(self.complaints))
        if any(isinstance(each, Text) for each in complaints):
            both = [each if isinstance(each, Text) else Text(each, each) for each in complaints]
            self.text = Text("\n".join(each.ja for each in both), str(self))

    def within(self, place: str) -> PlanError:
        """The same, each line with the place where it stands, such as a file, before it."""
        lines = (
            Text(f"{place}：{each.ja}", f"{place}: {each.en}") if isinstance(each, Text) else f"{place}: {each}"
            for each in self._words
        )
        return PlanError(*lines)


class EvidenceError(PrivmaskError):
    """A statement, a signature or a hash does not hold, or a copy is not what its statement says."""

    exit_code = 3


class OpenKeyError(EvidenceError):
    """A key, or its folder, is open to others or belongs to another user; nothing was signed."""

    exit_code = 2


class OriginalChangedError(PrivmaskError):
    """The original was edited, replaced, moved or deleted while privmask held it."""

    exit_code = 4


class PolicyError(PrivmaskError):
    """The site's adopted rules refuse this. `clause` is the guideline's, such as "II-7(1)"."""

    exit_code = 5

    def __init__(self, message: str | Text = "", *, clause: str | None = None) -> None:
        super().__init__(str(message))
        self.text = None if isinstance(message, str) else message
        self.clause = clause


class FootageError(PrivmaskError):
    """The footage cannot be read, or nothing can be hidden in it safely."""

    exit_code = 6


class UnsupportedFootageError(FootageError):
    """Sound footage of a kind in which privmask cannot promise that the private parts are hidden."""


class LateFieldsError(UnsupportedFootageError):
    """The first picture has no fields and a later one has: `order` is how all of it must be read for a copy to carry both."""

    def __init__(self, message: str, order: Literal["tt", "bb"]) -> None:
        super().__init__(message)
        self.order = order


class DamagedFootageError(FootageError):
    """The file is damaged, cut short, or no footage at all."""


class StreamLostError(FootageError):
    """A camera cannot be reached, or its stream ended; it may come back."""


class CopyError(PrivmaskError):
    """The copy could not be written, or did not pass its own check; there is no copy."""

    exit_code = 7


class CopyExistsError(CopyError):
    """Something already has the copy's name; privmask never replaces a file."""


class DetectorError(PrivmaskError):
    """A detector failed or its model is missing or not the one it should be."""

    exit_code = 8
