"""Workers that something has got hold of: `python -m tests.parts.lying DESCRIPTOR`. How they lie is in the environment."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from privmask.checking import Findings
from privmask.detect import Detection
from privmask.detect.finds import OUTLINE_BYTES
from privmask.errors import DetectorError, LateFieldsError
from privmask.geometry import Box
from privmask.parts import searcher
from privmask.parts.child import Hand, Told, main
from privmask.parts.orders import Answer, FoundOn, Looked, Order, Searched
from privmask.video import Part

LIE = "PRIVMASK_TEST_LIE"


class Liar(Hand):
    """Does its sections, and tells something else of them."""

    def do(self, order: Order, told: Told) -> Answer:
        answer = super().do(order, told)
        lie = os.environ[LIE]
        if isinstance(answer, Part):
            return _about_a_part(answer, lie)
        if isinstance(answer, Findings) and lie == "checks less":
            answer.frames -= 1
        return answer


def _about_a_part(part: Part, lie: str) -> Answer:
    match lie:
        case "leaves one out":
            return replace(part, packets=part.packets[1:])
        case "says what was not asked":
            return Findings()
        case "babbles":
            os.write(int(sys.argv[1]), b"\x00\x00\x00\x05{}}}}")
        case "exits":
            sys.stderr.write("out of order\n")
            sys.stderr.flush()
            os._exit(3)
    return part


class LyingSearcher(searcher.Searcher):
    """Searches its sections, and tells something else of them, or fails."""

    def do(self, order: Order, told: Told) -> Searched:
        lie = os.environ[LIE]
        if lie == "its detector fails" and order.start:
            raise DetectorError(f"frame {order.start}: the detector failed")
        found = super().do(order, told)
        if lie == "turns interlaced" and order.start:
            raise LateFieldsError("the footage turns interlaced", "tt")
        if lie == "finds on more frames":
            self._say(Looked(((bytes(OUTLINE_BYTES), ()),)))
        if lie == "masks instead":
            return Part(b"", ())  # type: ignore[return-value]  # it lies
        if lie == "tells of another detector":
            return Searched({"face": {**found.card["face"], "threshold": "0.9"}})
        if lie == "counts backwards":
            return Searched({"face": {**found.card["face"], "frames": -7}})
        if lie == "has no card":
            return Searched({"face": None})
        return found

    def _tell(self, waiting: list[FoundOn]) -> None:
        lie = os.environ[LIE]
        if lie == "finds on fewer frames":
            del waiting[:1]
        if lie == "finds what no detector finds":
            waiting[0] = waiting[0][0], (Detection("face", Box(9, 9, 1, 1), 0.5),)
        if lie == "has no outline":
            waiting[0] = b"", ()
        super()._tell(waiting)


if __name__ == "__main__":
    searcher.Searcher = LyingSearcher  # type: ignore[misc]  # as the worker finds it
    main(sys.argv[1:], Liar)
