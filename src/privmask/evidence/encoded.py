"""What a statement says of how the original's frames came over into the copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Encoded:
    """How many frames came over, when they are shown, and as which packets.

    `gops` are objects of `start` (seconds, a Fraction or its text), `packets` and `sha256`; `streams` of `index` (-1: the
    container's own), `kind`, `codec`, `what` and `done`. `passed_through` lists, of `gops`, the `groups` that travelled as they
    are in the original, each with the number of its first `frame`, and `why_not` if there are none; None where nobody asked.
    """

    stream_sha256: str
    gops: Sequence[object]
    frames_in: int
    frames_out: int
    time_base: Fraction
    timestamps_exact: bool
    streams: Sequence[object]
    encoder: Mapping[str, object]
    passed_through: Mapping[str, object] | None = None

    def as_data(self) -> dict[str, object]:
        """Its parts of the predicate; `stream_sha256` and `gops` stand in that of the copy."""
        return {
            "frames": {"in": self.frames_in, "out": self.frames_out},
            "time_base": self.time_base,
            "timestamps_exact": self.timestamps_exact,
            "streams": self.streams,
            "encoder": self.encoder,
            **({} if self.passed_through is None else {"passed_through": self.passed_through}),
        }
