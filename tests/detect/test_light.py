"""The light: which pictures are too dark or too colourless for the fast model, and that a moment does not change it."""

from __future__ import annotations

import numpy as np
import pytest

from privmask.detect.light import LightMeter, brought_out
from privmask.detect.picture import Bgr


def scene(brightness: int, colour: int, contrast: int = 60, seed: int = 0) -> Bgr:
    """Patches around a mean `brightness`, as far apart as `contrast`, with so much `colour` and some noise."""
    dice = np.random.default_rng(seed)
    luma = np.kron(dice.uniform(-contrast / 2, contrast / 2, (6, 8)), np.ones((30, 40)))
    tint = np.array([-colour / 2, 0, colour / 2])
    noise = dice.normal(0, 4, (180, 320, 3))
    return np.asarray(np.clip(brightness + luma[..., None] + tint + noise, 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("picture", "poor"),
    [
        (scene(120, 30), False),
        (scene(30, 15, 30), True),
        (scene(120, 2), True),
        (scene(128, 0, 255), False),
    ],
    ids=["day", "night", "infrared", "drawing"],
)
def test_light_is_told_from_the_first_picture(picture: Bgr, poor: bool) -> None:
    meter = LightMeter()
    meter.see(picture)
    assert meter.is_poor is poor


def test_a_flash_changes_nothing_and_morning_does() -> None:
    meter = LightMeter()
    night, day = scene(25, 12, 20), scene(130, 30)
    for picture in (night, night, day, night, night):
        meter.see(picture)
        assert meter.is_poor
    for _ in range(10):
        meter.see(day)
    assert not meter.is_poor


def test_light_between_dark_and_bright_stays_what_it_was() -> None:
    for before, poor in ((scene(20, 30, 20), True), (scene(150, 30), False)):
        meter = LightMeter()
        meter.see(before)
        for n in range(30):
            meter.see(scene(62 + n % 2, 30, 40))
        assert meter.is_poor is poor


def test_what_is_hard_to_see_is_brought_out_of_the_noise() -> None:
    dull = scene(30, 10, 12)
    clear = brought_out(dull)
    assert clear.shape == dull.shape
    assert clear.dtype == np.uint8
    assert contrast_to_noise(clear) > 2 * contrast_to_noise(dull)
    assert (clear[..., 0] == clear[..., 2]).all()


def contrast_to_noise(picture: Bgr) -> float:
    """How far the patches of a scene are apart, over how far the samples of a patch are."""
    patches = picture[..., 1].reshape(6, 30, 8, 40).astype(float)
    return float(patches.mean(axis=(1, 3)).std() / patches.std(axis=(1, 3)).mean())
