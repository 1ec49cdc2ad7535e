from __future__ import annotations

import stat
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image, ImageFont

from privmask import preview
from privmask.errors import CopyError, CopyExistsError
from privmask.frame import PIXEL_FORMATS, ColorMatrix, Frame, Picture, Plane, Samples
from privmask.geometry import Polygon, Size
from privmask.masks import DynamicMask, Keep, Mask, MaskPlan, load_plan
from privmask.street import PLAN, write_street

SQUARE = Polygon(tuple((Fraction(x, 10), Fraction(y, 10)) for x, y in ((2, 2), (8, 2), (8, 8), (2, 8))))


def flat(format: str, values: tuple[int, ...], size: Size = Size(6, 4)) -> Frame:
    """A frame whose planes are flat, with three columns of padding that must not be seen."""
    layout = PIXEL_FORMATS[format]
    planes = []
    for index, value in enumerate(values):
        part = layout.plane_size(index, size)
        samples = np.zeros((part.height, part.width + 3), layout.dtype)
        samples[:, : part.width] = value
        planes.append(Plane(cast(Samples, samples), part.width))
    return Frame(0, 0, None, Fraction(1, 25), size, layout, tuple(planes))


# Red, as `ffmpeg -f lavfi -i color=red -vf scale=out_color_matrix=…:out_range=…,format=…` codes it.
REDS: list[tuple[str, tuple[int, ...], ColorMatrix, str]] = [
    ("yuv420p", (81, 90, 240), "bt601", "limited"),
    ("yuv422p", (63, 102, 240), "bt709", "limited"),
    ("yuv444p", (76, 85, 255), "bt601", "full"),
    ("yuv420p10le", (326, 361, 960), "bt601", "limited"),
    ("gbrp", (0, 0, 255), "rgb", "full"),
]


@pytest.mark.parametrize(("format", "values", "matrix", "range"), REDS)
def test_red_is_shown_red(format: str, values: tuple[int, ...], matrix: ColorMatrix, range: str) -> None:
    frame = flat(format, values)
    picture = Picture(frame.size, frame.format, range="limited" if range == "limited" else "full", matrix=matrix)
    shown = np.asarray(preview.as_image(frame, picture)).astype(int)
    assert np.abs(shown - (255, 0, 0)).max() <= 3


@pytest.mark.parametrize(("format", "white"), [("gray", 235), ("gray10le", 940)])
def test_white_of_a_grey_picture_is_white(format: str, white: int) -> None:
    frame = flat(format, (white,))
    assert (np.asarray(preview.as_image(frame, Picture(frame.size, frame.format))) == 255).all()


def test_odd_sizes_are_whole_and_rotation_and_aspect_are_applied() -> None:
    frame = flat("yuv420p", (81, 90, 240), Size(7, 5))
    frame.planes[0].samples[:, 0] = 16  # darkens the left column, which a turn by 90 puts on top
    picture = Picture(frame.size, frame.format, rotation=90)
    shown = np.asarray(preview.as_image(frame, picture))
    assert shown.shape == (7, 5, 3)
    assert shown[0].max() < shown[-1].max()
    wide = Picture(frame.size, frame.format, sample_aspect=Fraction(2))
    assert preview.as_image(frame, wide).size == (14, 5)


def test_zones_are_outlined_and_named_and_the_rest_is_left_alone() -> None:
    empty = Image.new("RGB", (400, 300), (10, 10, 10))
    shown = np.asarray(preview.with_zones(empty, MaskPlan((Mask("gate", SQUARE),))))
    yellow = (shown == preview.LINE).all(axis=-1)
    assert yellow[60, 80:320].all()
    assert yellow[60:240, 319:322].any(axis=1).all()
    assert not yellow[:30].any()
    assert not yellow[63:236, 84:316].any()
    assert yellow[38:56, 84:140].any(), "the name"
    assert (np.asarray(empty) == 10).all()


def test_where_dynamic_masks_look_is_drawn_and_no_face_is_looked_for(tmp_path: Path) -> None:
    faces = DynamicMask("face", search=(SQUARE,))
    plan = MaskPlan((), dynamic=(faces,), keep=(Keep("poster", "printed", polygon=SQUARE),))
    assert [name for name, _ in preview.named_places(plan)] == ["search: face", "keep: poster"]
    shown = np.asarray(preview.with_zones(Image.new("RGB", (400, 300)), plan))
    assert (shown[60, 80:320] == preview.LINE).all()
    clip = tmp_path / "street.y4m"
    write_street(clip)
    both = np.asarray(preview.preview(clip, MaskPlan((), dynamic=(DynamicMask("face"),))))
    assert (both[:, :640] == both[:, 640 + preview.GAP :]).all()


def test_a_name_no_font_can_draw_becomes_the_zone_s_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "_FONTS", ("no-such-font.ttf",))
    assert preview._label("gate", 2, 14)[0] == "gate"
    assert preview._label("隣の窓", 2, 14)[0] == "zone 2"
    assert preview._label("bell\x07", 3, 14)[0] == "zone 3"


def test_a_font_that_lacks_a_letter_is_known_to_lack_it() -> None:
    font = ImageFont.load_default(14)
    assert preview.has_letters(font, "Gate 12")
    assert not preview.has_letters(font, "窓")


def test_the_frame_on_the_screen_at_that_time_is_shown_beside_its_masked_self(tmp_path: Path) -> None:
    clip, plan = tmp_path / "street.y4m", tmp_path / "zones.toml"
    write_street(clip)
    plan.write_text(PLAN, encoding="utf-8")
    before = clip.read_bytes()
    shown = preview.preview(clip, load_plan(plan), Fraction(5, 2))
    assert shown.size == (640 + preview.GAP + 640, 360)
    left, right = np.asarray(shown)[:, :640].astype(int), np.asarray(shown)[:, 640 + preview.GAP :].astype(int)
    assert np.abs(right[70:160, 430:498] - (0x20, 0x30, 0x40)).max() <= 4, "the zone of type Color"
    assert np.abs(left - right)[310:].max() == 0, "the road below the zones"
    assert clip.read_bytes() == before
    late, last = preview.still(clip, Fraction(99)), preview.still(clip, Fraction(59, 12))
    assert late.tobytes() == last.tobytes() != preview.still(clip).tobytes()


def test_a_mask_with_times_is_shown_on_its_frames_only(tmp_path: Path) -> None:
    """The preview is asked for one frame in the middle; seconds count from the clip's first frame all the same."""
    clip = tmp_path / "street.y4m"
    write_street(clip)
    timed = MaskPlan((Mask("late", SQUARE, start=Fraction(2), end=Fraction(3)),))
    hidden = []
    for at in (0, 1, 2, 3):
        shown = np.asarray(preview.preview(clip, timed, Fraction(at)))
        hidden.append(bool((shown[100:200, 640 + preview.GAP + 200 : 640 + preview.GAP + 400] == 0).all()))
    assert hidden == [False, False, True, False]


def test_a_picture_is_for_its_owner_and_replaces_nothing(tmp_path: Path) -> None:
    image, path = Image.new("RGB", (2, 2)), tmp_path / "p.png"
    preview.save_new(image, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(CopyExistsError):
        preview.save_new(image, path)
    with pytest.raises(CopyError, match="No such file"):
        preview.save_new(image, tmp_path / "missing" / "p.png")
