"""How late frames are: counted in milliseconds, so that a year of them takes no more room than a minute."""

from __future__ import annotations

from array import array

_MOST = 60_000


class Latency:
    """Counts how many seconds frames took."""

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * (_MOST + 1)))
        self.frames = 0
        self.most = 0.0

    def note(self, seconds: float) -> None:
        """One frame took so long."""
        self._counts[min(_MOST, max(0, round(seconds * 1000)))] += 1
        self.frames += 1
        self.most = max(self.most, seconds)

    def quantile(self, share: float) -> float | None:
        """The milliseconds within which that share of the frames went; None before the first."""
        reached, wanted = 0, share * self.frames
        for milliseconds, count in enumerate(self._counts):
            reached += count
            if reached and reached >= wanted:
                return float(milliseconds)
        return None

    def as_data(self) -> dict[str, float | None]:
        """Plain data, in milliseconds."""
        return {"p50_ms": self.quantile(0.5), "p99_ms": self.quantile(0.99), "most_ms": round(self.most * 1000, 1)}
