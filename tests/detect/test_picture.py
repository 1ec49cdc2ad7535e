"""The small upright picture: the same colours as a player shows, from every layout, whichever way the camera hangs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.detect.picture import Feed, read_bgr, read_blocks, read_luma
from privmask.frame import PIXEL_FORMATS, ColorMatrix, ColorRange, Frame, Picture, Plane
from privmask.geometry import Box, Rotation, Size

SIZE = Size(64, 48)
SAMPLES = ((60, 100, 140), (120, 128, 128), (180, 140, 110), (90, 90, 190))
"""8-bit samples of the first three planes in each quarter: upper left, upper right, lower left, lower right."""


def a_frame(picture: Picture) -> Frame:
    """A frame of four plain quarters, with noise beyond its width."""
    layout, planes = picture.format, []
    for n in range(len(layout.kinds)):
        size = layout.plane_size(n, SIZE)
        samples: Any = np.random.default_rng(n).integers(0, 255, (size.height, size.width + 3)).astype(layout.dtype)
        rows, columns = (0, size.height // 2, size.height), (0, size.width // 2, size.width)
        for quarter, values in enumerate(SAMPLES):
            row, column = divmod(quarter, 2)
            place = slice(*rows[row : row + 2]), slice(*columns[column : column + 2])
            samples[place] = values[min(n, 2)] << (layout.depth - 8)
        planes.append(Plane(samples, size.width))
    return Frame(0, 0, 1, Fraction(1), SIZE, layout, tuple(planes))


def a_picture(layout: str = "yuv420p", rotation: Rotation = 0, **more: ColorRange | ColorMatrix) -> Picture:
    return Picture(SIZE, PIXEL_FORMATS[layout], rotation, **more)  # type: ignore[arg-type]


def naive(samples: tuple[int, int, int], range: ColorRange, matrix: ColorMatrix) -> list[float]:
    """Blue, green and red by the book, without a matrix."""
    red, blue = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593), "rgb": (0, 0)}[matrix]
    y, u, v = samples[0], samples[1] - 128, samples[2] - 128
    if range == "limited":
        y, u, v = (y - 16) * 255 / 219, u * 255 / 224, v * 255 / 224  # type: ignore[assignment]
    b, r = y + 2 * (1 - blue) * u, y + 2 * (1 - red) * v
    g = (y - red * r - blue * b) / (1 - red - blue)
    return [min(255, max(0, each)) for each in (b, g, r)]


def middles(bgr: NDArray[np.uint8]) -> list[list[int]]:
    """The colour in the middle of each quarter."""
    height, width = bgr.shape[:2]
    return [bgr[y, x].tolist() for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]


@pytest.mark.parametrize("layout", [name for name in PIXEL_FORMATS if name.startswith("yuv")])
@pytest.mark.parametrize("range", ["limited", "full"])
@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
def test_colours_are_those_that_a_player_shows(layout: str, range: ColorRange, matrix: ColorMatrix) -> None:
    picture = a_picture(layout, range=range, matrix=matrix)
    seen = middles(read_bgr(a_frame(picture), picture, SIZE))
    assert np.allclose(seen, [naive(samples, range, matrix) for samples in SAMPLES], atol=2)


@pytest.mark.parametrize("layout", ["gray", "gray10le", "gray12le"])
def test_a_picture_without_colour_is_grey(layout: str) -> None:
    picture = a_picture(layout)
    seen = middles(read_bgr(a_frame(picture), picture, SIZE))
    assert np.allclose(seen, [naive((samples[0], 128, 128), "limited", "bt601") for samples in SAMPLES], atol=2)


@pytest.mark.parametrize("layout", ["gbrp", "gbrp10le", "gbrp12le", "gbrap"])
def test_planes_of_green_blue_and_red_are_put_in_order(layout: str) -> None:
    picture = a_picture(layout, range="full", matrix="rgb")
    seen = middles(read_bgr(a_frame(picture), picture, SIZE))
    assert seen == [[blue, green, red] for green, blue, red in SAMPLES]


@pytest.mark.parametrize(("rotation", "turns"), [(0, 0), (90, -1), (180, 2), (270, 1)])
def test_the_picture_stands_upright(rotation: Rotation, turns: int) -> None:
    lying, upright = a_picture(), a_picture(rotation=rotation)
    seen = read_bgr(a_frame(upright), upright, upright.displayed)
    assert np.array_equal(seen, np.rot90(read_bgr(a_frame(lying), lying, SIZE), turns))
    luma = read_luma(a_frame(upright), upright, upright.displayed)
    assert np.array_equal(luma, np.rot90(read_luma(a_frame(lying), lying, SIZE), turns))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_part_is_the_same_part_of_the_whole(rotation: Rotation) -> None:
    picture = a_picture("yuv444p", rotation)
    frame = a_frame(picture)
    whole = read_bgr(frame, picture, picture.displayed)
    part = read_bgr(frame, picture, Size(20, 30), Box(12, 7, 32, 37))
    assert np.array_equal(part, whole[7:37, 12:32])


@pytest.mark.parametrize("size", [Size(32, 24), Size(16, 12), Size(21, 17), Size(128, 96), Size(1, 1)])
def test_the_picture_is_as_large_as_asked(size: Size) -> None:
    picture = a_picture()
    assert read_bgr(a_frame(picture), picture, size).shape == (size.height, size.width, 3)


def test_a_model_is_fed_whole_32s_with_black_on_the_right_and_below() -> None:
    bgr = np.random.default_rng(0).integers(1, 255, (40, 64, 3)).astype(np.uint8)
    given = Feed().of(bgr)
    assert given.shape == (1, 3, 64, 64)
    assert given.dtype == np.float32
    assert np.array_equal(given[0, :, :40].transpose(1, 2, 0), bgr)
    assert not given[0, :, 40:].any()


def test_nothing_of_a_picture_that_was_fed_before_is_left() -> None:
    dice, feed = np.random.default_rng(0), Feed()
    for height, width in [(40, 64), (96, 70), (33, 31), (96, 96), (1, 1), (40, 64)]:
        bgr = dice.integers(1, 255, (height, width, 3)).astype(np.uint8)
        assert np.array_equal(feed.of(bgr), Feed().of(bgr))
        given = feed.of(bgr, rgb=True)
        assert np.array_equal(given[0, ::-1, :height, :width].transpose(1, 2, 0), bgr)
        given[0, :, :height, :width] = 0
        assert not given.any()


def test_a_feed_takes_no_more_memory_where_its_largest_picture_has_room() -> None:
    feed = Feed()
    large = feed.of(np.zeros((64, 96, 3), np.uint8))
    assert np.shares_memory(feed.of(np.zeros((32, 96, 3), np.uint8)), large)


@pytest.mark.parametrize(("size", "side"), [(Size(64, 48), 8), (Size(61, 45), 8), (Size(3, 2), 16), (Size(1, 1), 4)])
@pytest.mark.parametrize("layout", ["gray", "gray10le"])
def test_blocks_are_the_means_of_whole_squares_and_mirrored_at_the_edge(size: Size, side: int, layout: str) -> None:
    pixels, rows, columns = PIXEL_FORMATS[layout], -(-size.height // side), -(-size.width // side)
    dice = np.random.default_rng(4)
    samples: Any = dice.integers(0, 1 << pixels.depth, (size.height, size.width)).astype(pixels.dtype)
    frame = Frame(0, 0, 1, Fraction(1), size, pixels, (Plane(samples, size.width),))
    blocks = read_blocks(frame, Picture(size, pixels), side)
    below, right = rows * side - size.height, columns * side - size.width
    whole = np.pad(samples.astype(float), ((0, below), (0, right)), mode="symmetric")
    means = whole.reshape(rows, side, columns, side).mean(axis=(1, 3)) / (1 << (pixels.depth - 8))
    assert blocks.dtype == np.uint8
    assert np.abs(blocks - means).max() <= 1
