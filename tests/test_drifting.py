"""A clip whose camera has moved since its reference picture was taken is refused, with both pictures to look at."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from privmask import drifting
from privmask.drifting import look_along, require_same_view
from privmask.errors import CopyExistsError, DamagedFootageError, DetectorError, FootageError, PolicyError
from privmask.geometry import Polygon, Size
from privmask.masks import Mask, MaskPlan
from privmask.preview import LINE, save_new, still
from tests.detect.scenes import Luma, noisy, place, seen

HERE = place()
FULL_HD = Size(1920, 1080)
CORNERS = ((1, 1), (4, 1), (4, 5), (1, 5))
WINDOW = MaskPlan((Mask("window", Polygon(tuple((Fraction(x, 10), Fraction(y, 10)) for x, y in CORNERS)), "Color"),))


def clip_of(path: Path, frames: Sequence[Luma]) -> Path:
    """The pictures as a clip of ten a second."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "20", "preset": "ultrafast"})
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt = "yuv420p"
        for luma in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(luma, format="gray")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "gate.png"
    Image.fromarray(seen(HERE)).save(path)
    return path


def test_ii_2_a_camera_turned_by_40_of_1920_samples_is_refused_and_set_back_it_is_taken(tmp_path: Path) -> None:
    reference = tmp_path / "gate.jpg"
    Image.fromarray(seen(HERE, FULL_HD)).save(reference)
    turned = clip_of(tmp_path / "turned.mp4", [seen(HERE, FULL_HD, x=40)] * 2)
    with pytest.raises(
        PolicyError, match=r"at 0\.1 s by 2\.0\d% of the picture's width, and 0\.75% is allowed"
    ) as refused:
        require_same_view(turned, reference)
    assert refused.value.clause == "II-2"
    assert refused.value.text is not None
    assert "基準画像を撮り直し" in refused.value.text.ja
    set_back = clip_of(tmp_path / "back.mp4", [seen(HERE, FULL_HD, x=2)] * 2)
    view = require_same_view(set_back, reference)
    assert view.shift_x * 1920 == pytest.approx(2, abs=1)


def test_a_sub_stream_by_night_is_the_same_view_and_its_camera_may_not_move_either(
    tmp_path: Path, reference: Path
) -> None:
    def night(x: float) -> list[Luma]:
        return [noisy(seen(HERE, Size(320, 180), x=x) * 0.2 + 12, 4, number) for number in range(8)]

    assert require_same_view(clip_of(tmp_path / "night.mp4", night(0)), reference).farthest < 0.004
    with pytest.raises(PolicyError, match="has moved"):
        require_same_view(clip_of(tmp_path / "moved.mp4", night(4)), reference)


def test_a_camera_that_is_turned_near_the_end_is_refused_and_the_moment_is_told(
    tmp_path: Path, reference: Path
) -> None:
    clip = clip_of(tmp_path / "clip.mp4", [seen(HERE)] * 24 + [seen(HERE, x=12)] * 8)
    with pytest.raises(PolicyError, match=r"at 2\.8 s by 2\.5"):
        require_same_view(clip, reference)


def test_what_is_not_recognised_in_one_stretch_is_refused(tmp_path: Path, reference: Path) -> None:
    clip = clip_of(tmp_path / "clip.mp4", [seen(HERE)] * 8 + [np.full((270, 480), 40, np.uint8)] * 8 + [seen(HERE)] * 8)
    with pytest.raises(PolicyError, match=r"at 1\.2 s it cannot be told.*too dark") as refused:
        require_same_view(clip, reference)
    assert refused.value.clause == "II-2"
    assert [stretch.view is None for stretch in look_along(clip, reference)] == [False, True, False]


def test_another_camera_is_refused(tmp_path: Path, reference: Path) -> None:
    with pytest.raises(PolicyError, match="it is another camera"):
        require_same_view(clip_of(tmp_path / "clip.mp4", [seen(place(1))]), reference)


def test_a_picture_that_is_mirrored_or_upside_down_is_refused(tmp_path: Path, reference: Path) -> None:
    for number, flipped in enumerate((seen(HERE)[:, ::-1], seen(HERE)[::-1], seen(HERE)[::-1, ::-1])):
        with pytest.raises(PolicyError, match="or the picture is flipped"):
            require_same_view(clip_of(tmp_path / f"{number}.mp4", [np.ascontiguousarray(flipped)] * 2), reference)


@pytest.mark.parametrize("light", [lambda luma: noisy(luma * 0.02 + 8, 5), lambda luma: np.full_like(luma, 255)])
def test_where_it_is_too_dark_or_too_bright_to_tell_nobody_says_that_the_camera_moved(
    tmp_path: Path, reference: Path, light: Callable[[Luma], Luma]
) -> None:
    clip = clip_of(tmp_path / "clip.mp4", [light(seen(HERE))] * 8)
    with pytest.raises(PolicyError, match="The camera need not have moved") as refused:
        require_same_view(clip, reference)
    assert refused.value.text is not None
    assert "カメラがずれたとは限りません" in refused.value.text.ja


def test_the_limit_can_be_set(tmp_path: Path, reference: Path) -> None:
    clip = clip_of(tmp_path / "clip.mp4", [seen(HERE, x=10)] * 2)
    assert require_same_view(clip, reference, limit=Fraction(3, 100)).shift_x == pytest.approx(10 / 480, abs=0.001)
    with pytest.raises(PolicyError, match=r"2\.0\d% of the picture's width, and 2\.00% is allowed"):
        require_same_view(clip, reference, limit=Fraction(2, 100))


def test_both_pictures_are_shown_with_the_zones_and_an_arrow_for_the_owner_only(
    tmp_path: Path, reference: Path
) -> None:
    clip, shown = clip_of(tmp_path / "clip.mp4", [seen(HERE, x=36)] * 2), tmp_path / "shown.png"
    with pytest.raises(PolicyError, match=r"both pictures: .*shown\.png"):
        require_same_view(clip, reference, plan=WINDOW, shown=shown)
    assert stat.S_IMODE(shown.stat().st_mode) == 0o600
    with Image.open(shown) as image:
        drawn = np.asarray(image.convert("RGB")).astype(int)
    assert drawn.shape == (270, 480 + 12 + 480, 3)
    lines = np.abs(drawn - LINE).max(axis=2) < 30
    zone = (slice(100, 130), slice(40, 56))
    assert lines[zone].any()  # its left edge, in the reference
    assert lines[:, 492:][zone].any()  # and where it now lies
    assert lines[135, 492 + 240 : 492 + 276].all()  # the arrow, from the middle to the right
    assert not lines[135, 240:276].any()
    with pytest.raises(CopyExistsError):
        require_same_view(clip, reference, shown=shown)


def with_window(x: int = 0) -> Luma:
    """The place, with stripes in the window that nothing else is as bright as; the camera turned by `x` samples."""
    luma = seen(HERE, x=x)
    luma[27:135, 48 + x : 192 + x] = np.where(np.arange(144) % 4 < 2, 255, 245)
    return luma


def both(shown: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    with Image.open(shown) as image:
        drawn = np.asarray(image.convert("RGB")).astype(np.int64)
    return drawn[:, :480], drawn[:, 492:]


def test_neither_of_both_pictures_shows_what_is_private(tmp_path: Path) -> None:
    reference, shown = tmp_path / "gate.png", tmp_path / "shown.png"
    Image.fromarray(with_window()).save(reference)
    clip = clip_of(tmp_path / "clip.mp4", [with_window(36)] * 2)
    with pytest.raises(PolicyError, match="has moved"):
        require_same_view(clip, reference, plan=WINDOW, shown=shown)
    for picture in both(shown):
        assert (picture.min(axis=2) > 120).any()
        assert not (picture.min(axis=2) > 230).any()


def test_where_nobody_knows_what_lies_where_the_picture_shows_no_detail(tmp_path: Path) -> None:
    reference, shown = tmp_path / "gate.png", tmp_path / "shown.png"
    Image.fromarray(with_window()).save(reference)
    clip = clip_of(tmp_path / "clip.mp4", [with_window()[::-1].copy()] * 2)
    with pytest.raises(PolicyError, match="flipped"):
        require_same_view(clip, reference, plan=WINDOW, shown=shown)
    left, right = both(shown)
    assert not (left.min(axis=2) > 230).any()
    window = right[170:210, 80:160]
    assert window.min() > 200  # there it is
    assert np.abs(np.diff(window, axis=1)).max() <= 1


def test_a_zone_that_hides_all_but_its_polygon_is_hidden_so(tmp_path: Path, reference: Path) -> None:
    plan = MaskPlan((replace(WINDOW.masks[0], invert=True),))
    with pytest.raises(PolicyError):
        require_same_view(
            clip_of(tmp_path / "clip.mp4", [seen(HERE, x=12)] * 2), reference, plan=plan, shown=tmp_path / "s.png"
        )
    with Image.open(tmp_path / "s.png") as image:
        drawn = np.asarray(image.convert("RGB")).astype(int)
    assert not drawn[150:, :480].any()
    assert drawn[60:120, 70:170].all()


def test_what_is_not_recognised_is_shown_without_an_arrow(tmp_path: Path, reference: Path) -> None:
    clip, shown = clip_of(tmp_path / "clip.mp4", [np.full((180, 320), 40, np.uint8)]), tmp_path / "shown.png"
    with pytest.raises(PolicyError):
        require_same_view(clip, reference, shown=shown)
    with Image.open(shown) as image:
        assert image.size == (972, 270)


def test_nothing_is_drawn_where_the_view_is_the_same(tmp_path: Path, reference: Path) -> None:
    require_same_view(clip_of(tmp_path / "clip.mp4", [seen(HERE)]), reference, shown=tmp_path / "shown.png")
    assert not (tmp_path / "shown.png").exists()


def test_what_cannot_be_read_is_no_view(tmp_path: Path, reference: Path) -> None:
    clip = clip_of(tmp_path / "clip.mp4", [seen(HERE)])
    with pytest.raises(FootageError):
        require_same_view(clip, tmp_path / "missing.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(DamagedFootageError):
        require_same_view(clip, tmp_path / "text.png")
    with pytest.raises(DamagedFootageError):
        require_same_view(tmp_path / "text.png", reference)


def test_without_opencv_it_is_said_what_to_install(
    tmp_path: Path, reference: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "privmask.detect.drift", None)
    with pytest.raises(DetectorError, match=r"privmask\[detect\]"):
        look_along(clip_of(tmp_path / "clip.mp4", [seen(HERE)]), reference)


def test_each_sentence_says_in_both_languages_what_to_do() -> None:
    for words in (drifting._MOVED, drifting._ANOTHER, drifting._UNSEEN):
        assert "policy adopt" in words.ja
        assert "--exception" in words.en


FIXED = ["one_by_one_432p.mp4", "asl_walk_480p.mkv", "corridor_walk_270p.mp4", "vtest_msmpeg4v3.avi"]


@pytest.mark.parametrize("name", FIXED)
def test_a_real_camera_that_stands_still_is_not_accused(
    tmp_path: Path, footage: Callable[[str], Path], name: str
) -> None:
    save_new(still(footage(name)), tmp_path / "reference.png")
    assert require_same_view(footage(name), tmp_path / "reference.png").farthest < 0.003


@pytest.mark.parametrize("name", ["parking_cars_432p.mp4", "foreman_cif.264", "crossing_fullrange_1080p.264"])
def test_a_real_camera_that_moves_is_refused(tmp_path: Path, footage: Callable[[str], Path], name: str) -> None:
    save_new(still(footage(name)), tmp_path / "reference.png")
    with pytest.raises(PolicyError):
        require_same_view(footage(name), tmp_path / "reference.png")


def test_two_real_clips_of_one_camera_are_one_view_and_those_of_two_are_not(
    tmp_path: Path, footage: Callable[[str], Path]
) -> None:
    save_new(still(footage("corridor_walk_270p.mp4")), tmp_path / "reference.png")
    assert require_same_view(footage("corridor_pause_270p.mp4"), tmp_path / "reference.png").farthest < 0.003
    with pytest.raises(PolicyError, match="is not the view"):
        require_same_view(footage("classroom_270p.mp4"), tmp_path / "reference.png")
