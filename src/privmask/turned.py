"""The picture of a camera that moved: the reference beside what the clip shows, with what is private hidden in both."""

from __future__ import annotations

from cmath import rect
from math import radians
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageChops, ImageDraw

from privmask.masks import MaskPlan
from privmask.preview import EDGE, LINE, beside, corners_of, with_zones

if TYPE_CHECKING:
    from privmask.detect.drift import View

Corners: TypeAlias = list[tuple[float, float]]

_STEPS = 8  # between where a zone was drawn and where that lies now
_BLOTS = 40  # points in a row of a picture that shows no more than where it is light and dark


def both_pictures(reference: Image.Image, seen: Image.Image, view: View | None, plan: MaskPlan) -> Image.Image:
    """The reference, and beside it in the same size the clip's picture, with an arrow for the shift.

    The zones of `plan` are hidden and outlined in both, in the clip's picture where they were drawn, where that lies now, and
    everywhere between. Where nobody knows what lies where, it is drawn too coarse to make out anything.
    """
    seen = seen.resize(reference.size)
    if view is None:
        seen = with_zones(with_zones_hidden(as_blots(seen), plan), plan)
    else:
        seen = with_arrow(with_zones(with_zones_hidden(seen, plan, view), plan), view.shift_x, view.shift_y)
    return beside(with_zones(with_zones_hidden(reference, plan), plan), seen)


def with_zones_hidden(image: Image.Image, plan: MaskPlan, view: View | None = None) -> Image.Image:
    """A copy of `image` with the plan's zones filled with black, whenever they hold, and a little around them."""
    image, cover = image.copy(), Image.new("L", image.size)
    for share in range(_STEPS + 1) if view else range(1):
        for mask in plan.enabled:
            rings = [_moved(corners_of(ring, image), image, view, share / _STEPS) for ring in mask.polygon.rings]
            cover = ImageChops.lighter(cover, _filled(rings, image, invert=mask.invert))
    image.paste(EDGE, mask=cover)
    return image


def _moved(corners: Corners, image: Image.Image, view: View | None, share: float) -> Corners:
    """The corners after so large a share of the camera's motion."""
    if view is None:
        return corners
    middle = complex(image.width, image.height) / 2
    turn = 1 + share * (rect(view.scale, radians(view.rotation)) - 1)
    shift = share * complex(view.shift_x * image.width, view.shift_y * image.height)
    moved = [middle + turn * (complex(*corner) - middle) + shift for corner in corners]
    return [(each.real, each.imag) for each in moved]


def _filled(rings: list[Corners], image: Image.Image, *, invert: bool) -> Image.Image:
    """White where the rings are to hide, and along them."""
    place = Image.new("L", image.size, 255 if invert else 0)
    for corners in rings:
        inside = Image.new("L", image.size)
        ImageDraw.Draw(inside).polygon(corners, fill=255)
        place = ImageChops.difference(place, inside)  # a hole is inside twice
    for corners in rings:
        along = [*corners, *corners[:2]]
        ImageDraw.Draw(place).line(along, fill=255, width=max(3, image.width // 50), joint="curve")
    return place


def as_blots(image: Image.Image) -> Image.Image:
    """`image` as coarse as a thumbnail: what lies where can be seen, but not what it is."""
    small = (_BLOTS, max(1, round(_BLOTS * image.height / image.width)))
    return image.resize(small, Image.Resampling.BOX).resize(image.size, Image.Resampling.BICUBIC)


def with_arrow(image: Image.Image, across: float, down: float) -> Image.Image:
    """A copy of `image` with an arrow from its middle to what was there, now so many widths `across` and heights `down`."""
    image = image.copy()
    draw, start = ImageDraw.Draw(image), complex(image.width, image.height) / 2
    along = complex(across * image.width, down * image.height)
    barb = (along / abs(along) if along else 1) * min(image.size) / 20
    tip = start + along
    for width, color in ((9, EDGE), (4, LINE)):
        for one, other in ((start, tip), (tip, tip - barb * (1 + 0.6j)), (tip, tip - barb * (1 - 0.6j))):
            draw.line([(one.real, one.imag), (other.real, other.imag)], fill=color, width=width)
    return image
