"""The heat map: what differs outside the masks glows, what is hidden is hatched, and no sample of the original is in it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from privmask.differing import Differing
from privmask.geometry import Rotation
from privmask.report.heatmap import RING, frame_image, heat_image, is_unusual, place_shown
from privmask.report.legend import finding, heat_sheet, worst_place
from privmask.report.scale import HEAT, LIMITS, labels
from tests.masks.made import box, plan, zone
from tests.report.made import PLAN, SIZE, onlooker

TIMES = 5
"""160 samples are made 800 points wide."""


def points(image: Image.Image) -> NDArray[np.int64]:
    return np.array(image.convert("RGB"), np.int64)


def saturation(image: Image.Image) -> NDArray[np.int64]:
    """How colorful each point is: heat and ring are, the dimmed frame and the hatching hardly are."""
    values = points(image)
    found: NDArray[np.int64] = values.max(axis=-1) - values.min(axis=-1)
    return found


def test_colors_get_lighter_with_the_heat_also_for_the_color_blind_and_on_grey_paper() -> None:
    luma = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in HEAT]
    assert all(later - one > 4 for one, later in pairwise(luma))
    assert len(HEAT) == len(LIMITS) + 1 == len(labels())


def test_a_copy_that_is_exactly_the_original_outside_its_masks_has_no_heat_at_all() -> None:
    seen = onlooker()
    assert saturation(heat_image(seen, PLAN, lossless=True)).max() < 25
    assert not is_unusual(seen, lossless=True)
    assert worst_place(seen) is None
    assert "exactly" in finding(seen, lossless=True).en


def test_a_patch_of_one_frame_glows_where_it_is_and_has_a_ring() -> None:
    seen = onlooker(patch=60)
    values = points(heat_image(seen, PLAN))
    assert values[70 * TIMES, 120 * TIMES].tolist() == list(HEAT[-1])
    assert (values == RING).all(axis=-1).any()
    assert values[20 * TIMES, 140 * TIMES].tolist() != list(HEAT[-1])
    assert is_unusual(seen)
    place = worst_place(seen)
    assert place is not None
    assert "frame 1 (0.040 s)" in place.en
    assert "60.0 steps" in place.en


def test_an_encoders_loss_has_no_ring_and_no_alarm() -> None:
    seen = onlooker(everywhere=3)
    assert not (points(heat_image(seen, PLAN)) == RING).all(axis=-1).any()
    assert not is_unusual(seen)
    assert is_unusual(seen, lossless=True)
    assert "no more than compression" in finding(seen, lossless=False).en


def test_one_step_in_a_lossless_copy_is_shown_as_loudly_as_it_is_wrong() -> None:
    seen = onlooker(patch=1)
    image = heat_image(seen, PLAN, lossless=True)
    assert points(image)[70 * TIMES, 120 * TIMES].tolist() == list(HEAT[0])
    assert (points(image) == RING).all(axis=-1).any()


def test_what_is_hidden_is_hatched_and_never_hot() -> None:
    image = points(heat_image(onlooker(everywhere=100), PLAN))
    inside = image[20 * TIMES : 40 * TIMES, 30 * TIMES : 55 * TIMES]
    colors = {tuple(color) for color in inside.reshape(-1, 3).tolist()}
    assert colors == {(30, 30, 30), (120, 130, 140)}


def test_two_originals_equally_far_from_the_copy_give_the_same_picture() -> None:
    """Only how far off it is is told of an original, and nothing of what was there."""
    lighter, darker = (heat_image(onlooker(patch=50, sign=sign), PLAN) for sign in (1, -1))
    assert lighter.tobytes() == darker.tobytes()
    assert lighter.tobytes() != heat_image(onlooker(patch=10), PLAN).tobytes()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_heat_and_ring_are_where_the_difference_is_displayed(rotation: Rotation) -> None:
    upright = plan(zone(box("0.45", "0.02", "0.55", "0.1")))
    seen = onlooker(patch=60, rotation=rotation, of=upright)
    assert seen.outside is not None
    values = points(heat_image(seen, upright))
    hot = np.argwhere((values == HEAT[-1]).all(axis=-1))
    row, column = (int(middle) for middle in hot.mean(axis=0))
    x, y = place_shown(seen.outside)
    assert abs(column / TIMES - x) < 12
    assert abs(row / TIMES - y) < 12
    coded = {0: (120, 72), 90: (SIZE.height - 72, 120), 180: (40, 24), 270: (72, 40)}[rotation]
    assert abs(x - coded[0]) <= 8
    assert abs(y - coded[1]) <= 8


def test_the_frame_of_a_report_names_its_zones_and_rings_what_is_not_hidden() -> None:
    seen = onlooker(unhidden=True)
    assert seen.inside is not None
    assert seen.inside.frame.index == 1
    image = points(frame_image(seen.inside, PLAN, ring=True))
    assert (image == RING).all(axis=-1).any()
    assert not (points(frame_image(seen.inside, PLAN)) == RING).all(axis=-1).any()


def test_a_sheet_holds_the_map_its_words_and_its_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = onlooker(patch=60)
    heat = heat_image(seen, PLAN)
    sheet = heat_sheet(heat, seen, lossless=False)
    assert sheet.width > heat.width
    assert sheet.height > heat.height + 150
    colors = {tuple(color) for color in points(sheet).reshape(-1, 3).tolist()}
    assert set(HEAT) <= colors
    monkeypatch.setattr("privmask.preview._FONTS", ())
    assert heat_sheet(heat, seen, lossless=False).height < sheet.height, "without a font for it there is no Japanese"


def test_nothing_is_drawn_where_nothing_was_compared() -> None:
    with pytest.raises(ValueError, match="no frame"):
        heat_image(Differing(), PLAN)
