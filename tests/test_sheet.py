"""The contact sheet: every track has its tile, and nothing of what was found is on it unless it is asked for."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from privmask import sheet as sheets
from privmask.detect.tracks import KeyBoxes, Tracks
from privmask.frame import PIXEL_FORMATS, Frame, Picture, Plane, Samples
from privmask.geometry import Box, Rotation, Size
from privmask.masks import Keep, Mask, MaskPlan
from privmask.preview import LINE
from privmask.sheet import GAP, TILE, Sheet
from privmask.sighting import Label
from tests.plans import polygon

SIZE = Size(320, 240)
FACE = Box(60, 80, 80, 104)
RED, GREY = (200, 30, 30), (128, 128, 128)
NOTHING = MaskPlan(())
Rgb = NDArray[np.uint8]


def picture(format: str = "gbrp", rotation: Rotation = 0, aspect: Fraction = Fraction(1), size: Size = SIZE) -> Picture:
    layout = PIXEL_FORMATS[format]
    matrix: Any = "rgb" if layout.is_rgb else "bt601"
    return Picture(size, layout, rotation, aspect, range="full", matrix=matrix)


def frame(painted: Mapping[Box, tuple[int, int, int]], index: int = 0, size: Size = SIZE) -> Frame:
    """Grey, with coloured boxes; as planes of green, blue and red."""
    rgb = np.full((size.height, size.width, 3), 128, np.uint8)
    for box, color in painted.items():
        rgb[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = color
    planes = tuple(Plane(np.ascontiguousarray(rgb[..., channel]), size.width) for channel in (1, 2, 0))
    return Frame(index, index, index + 1, Fraction(1, 10), size, PIXEL_FORMATS["gbrp"], planes)


def track(number: int, box: Box = FACE, first: int = 0, frames: int = 3, label: Label = "face") -> KeyBoxes:
    rows = np.tile([box.left, box.top, box.right, box.bottom], (frames, 1))
    return KeyBoxes(number, label, "frame", np.arange(first, first + frames, dtype=np.float64), rows)


def sheet_of(frames: Sequence[Frame], *tracks: KeyBoxes, on: int = 0, failed: int | None = None, **more: Any) -> Sheet:
    shown = more.pop("picture", picture())
    found = Tracks(
        shown.displayed, tracks, frozenset({"face"}), len(frames), frozenset(() if failed is None else (failed,))
    )
    sheet = Sheet(found, {each.track: on for each in tracks}, shown, more.pop("plan", NOTHING), **more)
    for each in frames:
        sheet.look(each)
    return sheet


def tile(sheet: Sheet, number: int = 0) -> Rgb:
    """The square of the tile of that place in the first row."""
    top, left = 2 * GAP + 22 + GAP, GAP + number * (TILE + GAP)
    return np.asarray(sheet.image())[top : top + TILE, left : left + TILE]


def is_seen(shown: Rgb, color: tuple[int, int, int]) -> bool:
    """Whether a good part of a tile has that colour, more or less."""
    return bool((np.abs(shown.astype(int) - color).max(axis=-1) < 40).mean() > 0.01)


def test_what_was_found_is_hidden_unless_the_sheet_is_to_be_clear() -> None:
    assert not is_seen(tile(sheet_of([frame({FACE: RED})], track(1))), RED)
    assert is_seen(tile(sheet_of([frame({FACE: RED})], track(1), clear=True)), RED)


def test_nothing_of_what_was_found_can_be_told_from_the_sheet() -> None:
    noise = frame({FACE: RED})
    noise.planes[0].samples[80:104, 60:80] = np.random.default_rng(1).integers(0, 255, (24, 20))
    other = sheet_of([frame({FACE: (3, 250, 9)})], track(1))
    assert sheet_of([noise], track(1)).as_png() == other.as_png()
    assert sheet_of([frame({Box(100, 80, 120, 90): RED})], track(1)).as_png() != other.as_png(), (
        "what is beside it is seen"
    )


def test_others_on_the_same_frame_are_hidden_as_well() -> None:
    other = Box(90, 80, 110, 104)
    painted = frame({FACE: GREY, other: RED})
    shown = tile(sheet_of([painted], track(1), track(2, other, label="plate")))
    assert not is_seen(shown, RED)


def test_the_plan_may_leave_something_visible_but_not_here() -> None:
    everywhere = polygon("0,0 1,0 1,1 0,1")
    plan = MaskPlan((), keep=(Keep("A", "asked for it", polygon=everywhere),))
    assert not is_seen(tile(sheet_of([frame({FACE: RED})], track(1), plan=plan)), RED)


@pytest.mark.parametrize("clear", [False, True])
def test_zones_of_the_plan_are_hidden_even_on_a_clear_sheet(clear: bool) -> None:
    window = Box(90, 80, 110, 104)
    plan = MaskPlan((Mask("window", polygon("1/4,1/4 1/2,1/4 1/2,1/2 1/4,1/2")),))
    painted = {FACE: GREY, window: RED}
    assert is_seen(tile(sheet_of([frame(painted)], track(1), clear=clear)), RED)
    assert not is_seen(tile(sheet_of([frame(painted)], track(1), clear=clear, plan=plan)), RED)


def test_a_frame_that_could_not_be_searched_is_hidden_whole() -> None:
    shown = tile(sheet_of([frame({Box(90, 80, 110, 104): RED})], track(1), failed=0))
    assert not is_seen(shown, RED)


def test_each_track_is_shown_on_its_own_frame_with_its_times() -> None:
    frames = [frame({FACE: RED if index == 4 else GREY}, index) for index in range(6)]
    sheet = sheet_of(frames, track(1, first=2, frames=4), on=4, clear=True)
    assert is_seen(tile(sheet), RED)
    assert sheet._lasting(sheet._tracks[0]) == "0:00.2 to 0:00.5   4 frames"


def test_times_count_from_the_first_frame_of_the_clip() -> None:
    late = Frame(0, 500, 501, Fraction(1, 10), SIZE, PIXEL_FORMATS["gbrp"], frame({}).planes)
    sheet = sheet_of([late], track(1, frames=1))
    assert sheet._lasting(sheet._tracks[0]) == "0:00.0 to 0:00.0   1 frame"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_tiles_are_upright_and_the_line_is_around_what_was_found(rotation: Rotation) -> None:
    """A red face near the picture's corner, and a green mark above it on its left."""
    shown = picture(rotation=rotation)
    size = shown.displayed
    upright = np.full((size.height, size.width, 3), 128, np.uint8)
    upright[24:44, 12:42] = RED
    upright[4:14, 2:12] = (20, 200, 20)
    coded = np.ascontiguousarray(np.rot90(upright, rotation // 90))
    planes = tuple(Plane(np.ascontiguousarray(coded[..., channel]), SIZE.width) for channel in (1, 2, 0))
    turned = Frame(0, 0, 1, Fraction(1, 10), SIZE, PIXEL_FORMATS["gbrp"], planes)
    seen = tile(sheet_of([turned], track(1, Box(12, 24, 42, 44)), picture=shown, clear=True)).astype(int)
    red = np.argwhere(np.abs(seen - RED).max(axis=-1) < 20)
    green = np.argwhere(np.abs(seen - (20, 200, 20)).max(axis=-1) < 60)
    yellow = np.argwhere((seen == np.array(LINE)).all(axis=-1))
    assert red.mean(axis=0) == pytest.approx([34 / 96 * TILE, 27 / 96 * TILE], abs=4)
    assert (green.max(axis=0) <= red.min(axis=0) + 1).all(), "above and to the left"
    assert np.abs(yellow.min(axis=0) - red.min(axis=0)).max() <= 4
    assert np.abs(yellow.max(axis=0) - red.max(axis=0)).max() <= 4


def test_samples_that_are_wide_are_shown_wide() -> None:
    shown = tile(sheet_of([frame({FACE: RED})], track(1), clear=True, picture=picture(aspect=Fraction(2))))
    red = np.argwhere(np.abs(shown.astype(int) - RED).max(axis=-1) < 30)
    height, width = red.max(axis=0) - red.min(axis=0) + 1
    assert width / height == pytest.approx(2 * 20 / 24, rel=0.15)


@pytest.mark.parametrize(
    "format", ["yuv420p", "yuv420p10le", "yuv422p", "yuv411p", "yuv410p", "gray", "gray12le", "gbrap"]
)
@pytest.mark.parametrize("size", [Size(161, 121), Size(34, 18)], ids=str)
@pytest.mark.parametrize("box", [Box(-5, -5, 9, 9), Box(20, 10, 33, 17), Box(0, 0, 34, 18)], ids=["out", "in", "all"])
def test_every_layout_and_odd_sizes_and_boxes_that_reach_over_the_edge_can_be_shown(
    format: str, size: Size, box: Box
) -> None:
    layout = PIXEL_FORMATS[format]
    planes = []
    for index in range(len(layout.kinds)):
        part = layout.plane_size(index, size)
        samples = np.full((part.height, part.width + 5), 100 << (layout.depth - 8), layout.dtype)
        planes.append(Plane(cast(Samples, samples), part.width))
    flat = Frame(0, 0, None, Fraction(1, 25), size, layout, tuple(planes))
    for clear in (False, True):
        shown = tile(sheet_of([flat], track(1, box, frames=1), picture=picture(format, size=size), clear=clear))
        assert len(np.unique(shown.reshape(-1, 3), axis=0)) > 1, "the piece, and the line"


def test_a_piece_is_the_same_as_that_part_of_the_whole_picture() -> None:
    box = Box(150, 110, 170, 130)
    noise = frame({})
    for plane in noise.planes:
        plane.samples[:] = np.random.default_rng(2).integers(0, 255, plane.samples.shape)
    piece = sheets._cut_out(noise, picture(), box)
    assert piece.image.size == (96, 96)
    whole = np.stack([noise.planes[channel].samples for channel in (2, 0, 1)], axis=-1)
    assert (np.asarray(piece.image) == whole[72:168, 112:208]).all()
    assert piece.box == Box(38 / 96, 38 / 96, 58 / 96, 58 / 96)


def test_rows_grow_with_the_tracks_and_a_sheet_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_TILES", 7)
    few, many = (sheet_of([frame({})], *map(track, range(1, count + 1))) for count in (6, 9))
    assert few.image().width == many.image().width
    assert many.image().height - few.image().height == TILE + sheets.CAPTION + GAP
    assert few.title == "Tracks: 6 face"
    assert many.title == "Tracks: 9 face; the first 7 are shown"


def test_a_clip_in_which_nothing_was_found_has_a_sheet_that_says_so() -> None:
    sheet = sheet_of([frame({})])
    assert sheet.title == "Tracks: nothing was found"
    with Image.open(io.BytesIO(sheet.as_png())) as image:
        assert (image.format, image.info) == ("PNG", {})


def test_a_clear_sheet_says_that_it_is() -> None:
    assert "nothing of it is hidden" in sheet_of([frame({})], track(1), clear=True).title


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [("0", "0:00.0"), ("3.1999", "0:03.1"), ("59.99", "0:59.9"), ("60", "1:00.0"), ("3605.5", "1:00:05.5")],
)
def test_times_are_shown_as_clocks_show_them(seconds: str, shown: str) -> None:
    assert sheets._clock(Fraction(seconds)) == shown
