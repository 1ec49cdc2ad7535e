"""Many boxes in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import overload

from privmask.geometry import Box


class BoxList(Sequence[Box]):
    """Boxes in 32 bytes each; a long clip has hundreds of thousands. The first ones can be dropped."""

    def __init__(self) -> None:
        self._sides = array("d")

    def __len__(self) -> int:
        return len(self._sides) // 4

    @overload
    def __getitem__(self, at: int) -> Box: ...
    @overload
    def __getitem__(self, at: slice) -> list[Box]: ...
    def __getitem__(self, at: int | slice) -> Box | list[Box]:
        numbers = range(len(self))[at]
        if isinstance(numbers, range):
            return [self[number] for number in numbers]
        return Box(*self._sides[4 * numbers : 4 * numbers + 4])

    def append(self, box: Box) -> None:
        """One more at the end."""
        self._sides.extend((box.left, box.top, box.right, box.bottom))

    def drop(self, count: int) -> None:
        """Forget so many from the beginning."""
        del self._sides[: 4 * count]
