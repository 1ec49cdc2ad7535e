"""A contact sheet: one picture with a tile for each track of a clip, so that a person can see what was found and correct it.

The clip is decoded a second time for it, and only pieces of frames are kept. What was found is hidden on it, and so is
everything else that was found on the same frame, unless the sheet is to be clear.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, ImageOps

from privmask.frame import Frame, Picture, PixelFormat, Plane
from privmask.geometry import Box, Polygon, Rotation, Size
from privmask.masks import DynamicMask, FittedMasks, MaskPlan, fit_masks, hide
from privmask.preview import EDGE, LINE, as_image

if TYPE_CHECKING:
    from privmask.detect.tracks import KeyBoxes, Tracks

MOST_TILES = 200
"""Tiles of a sheet at the most; the first tracks have them."""

TILE, CAPTION, GAP = 240, 56, 12
FEWEST, COLUMNS = 3, 6  # tiles in a row: as wide as the title at the least
_LARGE, _SMALL = 22, 15  # height of letters
_PAPER, _INK, _PALE = (255, 255, 255), (0, 0, 0), (90, 90, 90)

_AROUND = 3
"""So many times its own size is shown of what was found."""
_LEAST = 96
"""Samples of width and height that a piece has at least."""
_GRID = 4
"""Pieces begin and end at multiples of so many samples, where chroma samples of every layout do."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a frame around a track, upright, and the track's box in fractions of it."""

    image: Image.Image
    box: Box


class Sheet:
    """The sheet of `tracks`; `shown_on` says for each track, by its number, the frame that shows it best.

    Every frame of the clip is to be given to `look`, in order. The fixed masks of `plan` are hidden; what was found is hidden
    by a mosaic that holds nothing of it, unless `clear`.
    """

    def __init__(
        self, tracks: Tracks, shown_on: Mapping[int, int], picture: Picture, plan: MaskPlan, *, clear: bool = False
    ) -> None:
        self._all, self._picture, self._clear = tracks, picture, clear
        self._tracks = tracks.keyed[:MOST_TILES]
        self._shown_on = {each.track: shown_on[each.track] for each in self._tracks}
        self._times = {int(key): Fraction(0) for each in self._tracks for key in (each.keys[0], each.keys[-1])}
        self._hidden = _hidden(plan, tracks, clear=clear)
        self._masks: FittedMasks | None = None
        self._zero = Fraction(0)
        self._pieces: dict[int, _Piece] = {}

    def look(self, frame: Frame) -> None:
        """Take from a frame the pieces that show a track; the frame may be painted."""
        if frame.index == 0:
            self._zero = frame.start_time
            if self._hidden:
                self._masks = fit_masks(self._hidden, self._picture, zero=self._zero)
        if frame.index in self._times:
            self._times[frame.index] = frame.start_time - self._zero
        shown = [each for each in self._tracks if self._shown_on[each.track] == frame.index]
        if shown:
            seen = self._seen(frame)
            for each in shown:
                self._pieces[each.track] = _cut_out(seen, self._picture, _box_on(each, frame.index))

    def as_png(self) -> bytes:
        """The sheet as a file; nothing is in it but the picture."""
        file = io.BytesIO()
        self.image().save(file, "PNG")
        return file.getvalue()

    def image(self) -> Image.Image:
        """The sheet: tiles in rows, by number."""
        columns = min(max(len(self._tracks), FEWEST), COLUMNS)
        rows = ceil(len(self._tracks) / columns)
        width, top = GAP + columns * (TILE + GAP), 2 * GAP + _LARGE
        sheet = Image.new("RGB", (width, top + GAP + rows * (TILE + CAPTION + GAP)), _PAPER)
        draw = ImageDraw.Draw(sheet)
        draw.text((GAP, GAP), self.title, _INK, ImageFont.load_default(_LARGE))
        for place, each in enumerate(self._tracks):
            down, across = divmod(place, columns)
            corner = (GAP + across * (TILE + GAP), top + GAP + down * (TILE + CAPTION + GAP))
            if each.track in self._pieces:
                sheet.paste(_tile(self._pieces[each.track]), corner)
            _caption(draw, corner, self._named(each), self._lasting(each))
        return sheet

    @property
    def title(self) -> str:
        """What the sheet shows, in a line."""
        counted = Counter(each.label for each in self._all.keyed)
        kinds = ", ".join(f"{count} {label}" for label, count in sorted(counted.items())) or "nothing was found"
        first = f"; the first {MOST_TILES} are shown" if len(self._all.keyed) > MOST_TILES else ""
        return f"Tracks: {kinds}{first}{'; nothing of it is hidden here' if self._clear and counted else ''}"

    def _seen(self, frame: Frame) -> Frame:
        """The frame as it may be looked at."""
        if self._masks is None:
            return frame
        frame = replace(frame, hide_all=frame.hide_all or frame.index in self._all.failed)
        return hide(frame, self._masks.at(frame, () if self._clear else self._all.at(frame, self._zero)))

    def _named(self, each: KeyBoxes) -> str:
        return f"{each.track}  {each.label}{'  (doubtful)' if each.track in self._all.doubtful else ''}"

    def _lasting(self, each: KeyBoxes) -> str:
        first, last = (_clock(self._times[int(key)]) for key in (each.keys[0], each.keys[-1]))
        frames = int(each.keys[-1] - each.keys[0]) + 1
        return f"{first} to {last}   {frames} frame{'s' if frames > 1 else ''}"


def _hidden(plan: MaskPlan, tracks: Tracks, *, clear: bool) -> MaskPlan | None:
    """What is hidden on a sheet: fixed masks, and everything found, even what the plan leaves visible; None for nothing."""
    labels = () if clear else sorted({each.label for each in tracks.keyed})
    whole = replace(plan, dynamic=tuple(DynamicMask(label, "Pixelated") for label in labels), keep=())
    return whole if whole.enabled or whole.dynamic else None


def _box_on(track: KeyBoxes, index: int) -> Box:
    return Box(*track.boxes[index - int(track.keys[0])].tolist())


def _cut_out(frame: Frame, picture: Picture, box: Box) -> _Piece:
    """The part of a frame around a box of the displayed picture."""
    window = _turned(_around(box, picture.displayed), picture.displayed, picture.rotation)
    left, top = (floor(side / _GRID) * _GRID for side in (window.left, window.top))
    size = Size(
        min(ceil(window.right / _GRID) * _GRID, picture.size.width) - left,
        min(ceil(window.bottom / _GRID) * _GRID, picture.size.height) - top,
    )
    found = _turned(box, picture.displayed, picture.rotation)
    within = Box(found.left - left, found.top - top, found.right - left, found.bottom - top)
    upright = _turned(within, size, _BACK[picture.rotation])
    shown = size.turned(picture.rotation)
    planes = tuple(_part(plane, frame.format, index, left, top, size) for index, plane in enumerate(frame.planes))
    image = as_image(replace(frame, size=size, planes=planes, carrier=None), picture)
    shares = (upright.left / shown.width, upright.top / shown.height, upright.right / shown.width)
    return _Piece(image, Box(*shares, upright.bottom / shown.height))


def _part(plane: Plane, layout: PixelFormat, index: int, left: int, top: int, size: Size) -> Plane:
    shift_x, shift_y = layout.shifts(index)
    part = layout.plane_size(index, size)
    left, top = left >> shift_x, top >> shift_y
    return Plane(plane.samples[top : top + part.height, left : left + part.width].copy(), part.width)


def _around(box: Box, size: Size) -> Box:
    """A square around a box, moved and cut so that it lies in a picture of `size`."""
    side = max(_LEAST, _AROUND * max(box.right - box.left, box.bottom - box.top))
    left, right = _side((box.left + box.right) / 2, side, size.width)
    top, bottom = _side((box.top + box.bottom) / 2, side, size.height)
    return Box(left, top, right, bottom)


def _side(middle: float, length: float, most: int) -> tuple[float, float]:
    length = min(length, most)
    start = min(max(middle - length / 2, 0.0), most - length)
    return start, start + length


_BACK: dict[Rotation, Rotation] = {0: 0, 90: 270, 180: 180, 270: 90}


def _turned(box: Box, size: Size, rotation: Rotation) -> Box:
    """A box of a picture of `size` in the picture that becomes this one by a clockwise turn."""
    width, height = size.width, size.height
    corners = ((box.left, box.top), (box.right, box.bottom))
    polygon = Polygon(tuple((Fraction(x) / width, Fraction(y) / height) for x, y in corners)).to_coded(rotation)
    turned = size.turned(rotation)
    (left, right), (top, bottom) = (sorted(map(float, sides)) for sides in zip(*polygon.points, strict=True))
    return Box(left * turned.width, top * turned.height, right * turned.width, bottom * turned.height)


def _tile(piece: _Piece) -> Image.Image:
    """A piece in a square, with a line around what was found."""
    image = ImageOps.contain(piece.image, (TILE, TILE), Image.Resampling.LANCZOS)
    left, top = (TILE - image.width) // 2, (TILE - image.height) // 2
    tile = Image.new("RGB", (TILE, TILE), _PALE)
    tile.paste(image, (left, top))
    draw, box = ImageDraw.Draw(tile), piece.box
    corners = (box.left * image.width, box.top * image.height, box.right * image.width, box.bottom * image.height)
    x, y, right, bottom = (side + move for side, move in zip(corners, (left, top, left, top), strict=True))
    draw.rectangle((x - 2, y - 2, right + 2, bottom + 2), outline=EDGE)
    draw.rectangle((x - 1, y - 1, right + 1, bottom + 1), outline=LINE)
    return tile


def _caption(draw: ImageDraw.ImageDraw, corner: tuple[int, int], name: str, lasting: str) -> None:
    left, top = corner[0], corner[1] + TILE + 4
    draw.text((left, top), name, _INK, ImageFont.load_default(_LARGE))
    draw.text((left, top + _LARGE + 6), lasting, _PALE, ImageFont.load_default(_SMALL))


def _clock(seconds: Fraction) -> str:
    """Minutes and seconds, such as 2:03.4, and hours before them where there are any."""
    tenths = floor(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{text}" if hours else f"{minutes}:{text}"
