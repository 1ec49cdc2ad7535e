"""Workers that something has got hold of: `python -m tests.parts.lying DESCRIPTOR`. How they lie is in the environment."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from privmask.checking import Findings
from privmask.parts.child import Hand, Told, main
from privmask.parts.orders import Answer, Order
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


if __name__ == "__main__":
    main(sys.argv[1:], Liar)
