"""Whether pictures are as far apart by the numbers of their order as by their times.

A key frame begins both counts of H.264 anew, that of references and that of the order on the screen. Where it was lost, or all
pictures from one group into the next, the first count may go on by chance as if nothing were; the second one then seldom does.
"""

from __future__ import annotations

from fractions import Fraction

_FAST = Fraction(3, 2)
"""How much faster than ever before pictures must follow each other for that to be impossible."""


class Pace:
    """Follows the references of one stream; `wrap` is where the numbers of the order begin again."""

    def __init__(self) -> None:
        self._longest, self._fastest = 0, Fraction(0)
        self.stop()

    def stop(self) -> None:
        """Nothing is known of what comes next, until `begin`."""
        self._known = False
        self._before = self._top = self._top_time = 0

    def begin(self, order: int | None, time: int | None) -> None:
        """A key frame, with which the count begins."""
        self._known = order is not None and time is not None
        self._before = self._top = order or 0
        self._top_time = time or 0

    def goes_on(self, order: int | None, time: int | None, wrap: int, *, leads: bool, restarts: bool) -> bool:
        """Whether the next reference may follow; `leads`: it is none that comes before others on the screen by its kind.

        `restarts` says that its other number is the one that follows a key frame. There such a distance is impossible that is
        longer than all before, and at a pace that was never seen.
        """
        if not self._known or order is None or time is None:
            self.stop()
            return True
        self._before += (order - self._before + wrap // 2) % wrap - wrap // 2
        step, span = self._before - self._top, time - self._top_time
        if not leads or span <= 0:
            return True
        pace = Fraction(step, span)
        back = step <= 0 < self._longest
        if back or (restarts and step > self._longest > 0 and pace > _FAST * self._fastest):
            return False
        self._longest, self._fastest = max(self._longest, step), max(self._fastest, pace)
        self._top, self._top_time = self._before, time
        return True
