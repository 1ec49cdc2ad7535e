"""How long to wait before something is tried again: longer each time, and never all at the same moment."""

from __future__ import annotations

from collections.abc import Callable

FIRST, LONGEST = 1.0, 30.0


class Patience:
    """Pauses of one second, two, four… up to thirty, each less a random part of up to a half; `tries` is how many (None: any).

    `jitter` gives random numbers from 0 to 1.
    """

    def __init__(self, jitter: Callable[[], float], tries: int | None = None) -> None:
        self._jitter, self._tries = jitter, tries
        self._failed = 0

    def worked(self) -> None:
        """It worked; the next failure is the first one."""
        self._failed = 0

    def pause(self) -> float | None:
        """It failed: the seconds to wait, None where it is not to be tried again."""
        if self._tries is not None and self._failed >= self._tries:
            return None
        self._failed += 1
        longest = min(LONGEST, FIRST * float(2 ** min(self._failed - 1, 10)))
        return longest * (1 - self._jitter() / 2)
