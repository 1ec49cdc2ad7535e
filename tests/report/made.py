"""What the tests of reports are made of: an onlooker that has seen a small clip, and verdicts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from privmask.checking import Findings
from privmask.differing import Differing
from privmask.frame import Frame, Picture, Plane, Samples
from privmask.geometry import Rotation, Size
from privmask.masks import MaskPlan, fit_masks, hide
from tests.masks.made import box, picture, plan, zone

SIZE = Size(160, 96)
PLAN = plan(zone(box("0.1", "0.1", "0.4", "0.5"), token="gate", reason="the neighbour's window"))


def grey(of: Picture, value: int = 120, index: int = 0) -> Frame:
    planes = []
    for plane in range(len(of.format.kinds)):
        size = of.format.plane_size(plane, of.size)
        samples: Samples = np.full((size.height, size.width), value if not plane else 128, np.uint8)
        planes.append(Plane(samples, size.width))
    return Frame(index, index, index + 1, Fraction(1, 25), of.size, of.format, tuple(planes))


def onlooker(
    patch: int = 0,
    everywhere: int = 0,
    rotation: Rotation = 0,
    *,
    sign: int = 1,
    of: MaskPlan = PLAN,
    unhidden: bool = False,
) -> Differing:
    """It has seen three frames; on the second the copy is `patch` steps lighter in 16 x 16 samples from (64, 112) on.

    All of the copy is `everywhere` steps lighter. With `sign` -1 the original is what is lighter.
    """
    layout = picture(SIZE, rotation=rotation)
    masks, seen = fit_masks(of, layout, zero=Fraction(0)), Differing()
    inside, outside = Findings(), Findings()
    for index in range(3):
        copy, original = grey(layout, index=index), grey(layout, 120 - sign * everywhere, index)
        cover = masks.at(copy)
        hide(copy, cover)
        if index == 1:
            original.planes[0].samples[64:80, 112:128] -= np.uint8(sign * patch % 256)
            if unhidden:
                copy.planes[0].samples[16:32, 32:48] = 240
        inside.look_inside(copy, cover, exact=False)
        seen.look(inside, cover, copy, None)
        outside.look_outside(original, copy, cover, exact=False)
        seen.look(outside, cover, copy, original)
    return seen
