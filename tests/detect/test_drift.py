"""A camera that moved is told from one before which something moved, by day and by night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from privmask.detect.agreement import motion_of
from privmask.detect.drift import Glances, Stretch, View
from privmask.geometry import Size
from tests.detect.scenes import Luma, frame, noisy, picture, place, seen

HERE = place()
STILL = seen(HERE)
WIDTH = 480


def along(frames: Sequence[Luma], reference: Luma = STILL) -> tuple[Stretch, ...]:
    glances = Glances(frame(reference), picture(reference))
    for number, luma in enumerate(frames):
        glances.add(frame(luma, number), picture(luma))
    return tuple(glances.stretches())


def view(*frames: Luma, reference: Luma = STILL) -> View | None:
    (stretch,) = along(frames, reference)
    return stretch.view


def found(*frames: Luma, reference: Luma = STILL) -> View:
    it = view(*frames, reference=reference)
    assert it is not None
    return it


def test_the_picture_itself_is_the_same_view() -> None:
    it = found(STILL)
    assert (it.scale, it.score) == (1, 1)
    assert it.farthest < 0.0005


@pytest.mark.parametrize(("x", "y"), [(2.4, 0), (-4.8, 0), (0, 4.8), (9.6, -9.6), (-24, 18), (40, 0)])
def test_a_shift_is_measured(x: float, y: float) -> None:
    it = found(seen(HERE, x=x, y=y))
    assert it.shift_x * WIDTH == pytest.approx(x, abs=0.4)
    assert it.shift_y * 270 == pytest.approx(y, abs=0.4)
    assert it.farthest * WIDTH == pytest.approx(abs(complex(x, y)), abs=0.5)


@pytest.mark.parametrize("zoom", [1.02, 0.98, 1.05, 0.95])
def test_a_zoom_is_measured(zoom: float) -> None:
    it = found(seen(HERE, zoom=zoom))
    assert it.scale == pytest.approx(zoom, abs=0.003)
    assert it.farthest == pytest.approx(abs(zoom - 1) * np.hypot(480, 270) / 2 / 480, abs=0.0015)


@pytest.mark.parametrize("turn", [1, -2, 4])
def test_a_turn_is_measured_clockwise(turn: float) -> None:
    it = found(seen(HERE, turn=turn))
    assert it.rotation == pytest.approx(turn, abs=0.15)
    assert it.farthest == pytest.approx(np.radians(abs(turn)) * np.hypot(480, 270) / 2 / 480, abs=0.0015)


def dark(luma: Luma) -> Luma:
    return noisy(luma * 0.15 + 10, 4)


LIGHTS: dict[str, Callable[[Luma], Luma]] = {
    "dark": dark,
    "bright": lambda luma: np.asarray(np.clip(luma * 1.2 + 60.0, 0, 255), np.uint8),
    "other curve": lambda luma: np.asarray(255 * (luma / 255.0) ** 2.2, np.uint8),
    "noise": lambda luma: noisy(luma, 20),
    "light and dark have changed places": lambda luma: np.asarray(230 - 0.7 * luma, np.uint8),
    "half the size": lambda luma: np.ascontiguousarray(luma[::2, ::2]),
    "squeezed": lambda luma: np.ascontiguousarray(luma[:, np.arange(360) * 480 // 360]),
}


@pytest.mark.parametrize("light", LIGHTS)
def test_another_light_or_size_is_the_same_view_and_hides_no_shift(light: str) -> None:
    assert found(LIGHTS[light](STILL)).farthest < 0.0035
    assert found(LIGHTS[light](seen(HERE, x=4.8))).farthest == pytest.approx(0.01, abs=0.0035)


LORRY = seen(place(9))


def lorry(luma: Luma, left: int = 0) -> Luma:
    out = luma.copy()
    out[:, left : left + 216] = LORRY[:, : max(0, min(216, 480 - left))]
    return out


def test_a_lorry_before_nearly_half_of_it_is_no_move() -> None:
    assert found(lorry(STILL)).farthest < 0.002
    assert found(lorry(seen(HERE, x=4.8))).farthest == pytest.approx(0.01, abs=0.002)


def test_what_passes_is_gone_from_what_stands_still() -> None:
    passing = [lorry(STILL, left) for left in range(0, 480, 60)]
    assert found(*passing).score > 0.9


def captioned(luma: Luma) -> Luma:
    out = luma.copy()
    text = np.repeat(np.repeat(np.random.default_rng(3).integers(0, 2, (5, 100)), 4, 0), 4, 1).astype(np.uint8) * 255
    out[6:26, 10:410] = out[-26:-6, 10:410] = text
    return out


def test_captions_stand_still_and_hide_no_move() -> None:
    it = found(captioned(seen(HERE, x=4.8)), reference=captioned(STILL))
    assert it.farthest == pytest.approx(0.01, abs=0.002)
    nothing = np.full_like(STILL, 30)
    assert view(captioned(noisy(nothing, 3)), reference=captioned(STILL)) is None


@pytest.mark.parametrize(
    "other",
    [
        seen(place(1)),
        np.zeros_like(STILL),
        np.full_like(STILL, 255),
        noisy(np.full_like(STILL, 40), 20),
        seen(HERE, x=150),
    ],
    ids=["another place", "black", "white", "noise", "turned far away"],
)
def test_what_is_not_recognised_is_no_view(other: Luma) -> None:
    assert view(other) is None
    assert view(STILL, reference=other) is None


def test_a_corner_that_is_recognised_is_not_enough() -> None:
    other = seen(place(1))
    other[:120, :200] = STILL[:120, :200]
    assert view(other) is None


def test_places_are_never_taken_for_one_another() -> None:
    pictures = [seen(place(number)) for number in range(6)]
    assert [
        (one, other) for one in range(6) for other in range(6) if view(pictures[one], reference=pictures[other])
    ] == [(number, number) for number in range(6)]


def test_a_camera_that_is_turned_half_way_through_is_seen_to_be() -> None:
    stretches = along([STILL] * 16 + [seen(HERE, x=10)] * 16)
    assert [round(WIDTH * each.view.farthest) for each in stretches if each.view] == [0, 0, 10, 10]
    assert [each.seconds for each in stretches] == pytest.approx([0.4, 1.2, 2.0, 2.8])


def test_of_a_long_clip_a_few_frames_are_kept_from_all_of_it() -> None:
    glances = Glances(frame(STILL), picture(STILL))
    for number in range(1000):
        glances.add(frame(STILL, number), picture(STILL))
    stretches = list(glances.stretches())
    assert len(glances._kept) <= 96
    assert len(stretches) > 5
    assert (stretches[0].seconds < 15, stretches[-1].seconds > 85) == (True, True)


def test_damaged_frames_show_nothing() -> None:
    glances = Glances(frame(STILL), picture(STILL))
    glances.add(frame(np.zeros_like(STILL), 0, hide_all=True), picture(STILL))
    assert list(glances.stretches()) == []
    glances.add(frame(STILL, 1), picture(STILL))
    (stretch,) = glances.stretches()
    assert stretch.seconds == pytest.approx(0.1)
    assert stretch.view


def test_depth_rotation_and_sample_aspect_are_those_of_the_display() -> None:
    glances = Glances(frame(STILL), picture(STILL))
    turned = np.ascontiguousarray(np.rot90(STILL))
    glances.add(frame(turned, 0, "gray10le"), picture(turned, "gray10le", rotation=90))
    narrow = np.ascontiguousarray(STILL[:, ::2])
    glances.add(frame(narrow, 1), picture(narrow, aspect=Fraction(2)))
    (stretch,) = glances.stretches()
    assert stretch.view
    assert stretch.view.farthest < 0.003


def test_patches_close_together_that_agree_on_nothing_are_no_fault() -> None:
    places = np.arange(-3, 4).astype(np.complex128)
    apart = np.array([0, 9j, 30, -40j, 50, 61 + 9j, -33])
    assert motion_of(places, places + apart, Size(640, 360)) == (1, 0)


def test_of_what_is_nearly_black_nothing_is_said() -> None:
    (night,) = along([noisy(STILL * 0.25 + 8, 5, number) for number in range(8)])
    (black,) = along([noisy(STILL * 0.02 + 8, 5, number) for number in range(8)])
    assert (night.shows, night.view is not None) == (True, True)
    assert (black.shows, black.view) == (False, None)


def by_night(luma: Luma, number: int) -> Luma:
    return noisy(255 * (luma / 255.0) ** 2.2 * 0.35 - 5, 10, number)


@pytest.mark.parametrize("shift", [0, 5])
def test_a_real_corridor_of_bare_walls_is_known_by_night_from_its_coarse_edges(
    footage: Callable[[str], Path], shift: int
) -> None:
    with av.open(str(footage("corridor_walk_270p.mp4"))) as container:
        by_day = [np.asarray(frame.to_ndarray(format="gray"), np.uint8) for frame in container.decode(video=0)]
    frames = [np.roll(by_night(luma, number), shift, 1) for number, luma in enumerate(by_day[20:28])]
    it = found(*frames, reference=by_day[0])
    assert it.farthest == pytest.approx(shift / 480, abs=0.002)
