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
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        first = 4 * (at if at >= 0 else at + len(self))
        if not 0 <= first < len(self._sides):
            raise IndexError(at)
        return Box(*self._sides[first : first + 4])

    def centres(self, start: int, stop: int) -> tuple[list[float], list[float]]:
        """The middles of the boxes from number `start` to before `stop`: across, and down."""
        sides = self._sides[4 * start : 4 * stop]
        across, down = zip(sides[0::4], sides[2::4], strict=True), zip(sides[1::4], sides[3::4], strict=True)
        return [(left + right) / 2 for left, right in across], [(top + bottom) / 2 for top, bottom in down]

    def append(self, box: Box) -> None:
        """One more at the end."""
        self._sides.extend((box.left, box.top, box.right, box.bottom))

    def drop(self, count: int) -> None:
        """Forget so many from the beginning."""
        del self._sides[: 4 * count]
