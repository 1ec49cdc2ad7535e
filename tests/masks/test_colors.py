"""Colours as samples. The 8-bit values are those of the standards' tables of 100 % colours."""

from __future__ import annotations

import pytest

from privmask.frame import ColorMatrix, ColorRange
from privmask.geometry import Size
from privmask.masks.colors import is_lightness, legal, sample_of
from tests.masks.made import picture


@pytest.mark.parametrize(
    ("layout", "matrix", "range_", "color", "expected"),
    [
        ("yuv420p", "bt601", "limited", "#000000", [16, 128, 128]),
        ("yuv420p", "bt601", "limited", "#ffffff", [235, 128, 128]),
        ("yuv420p", "bt601", "limited", "#ff0000", [81, 90, 240]),
        ("yuv420p", "bt601", "limited", "#0000FF", [41, 240, 110]),
        ("yuv420p", "bt709", "limited", "#ff0000", [63, 102, 240]),
        ("yuv420p", "bt709", "limited", "#00ff00", [173, 42, 26]),
        ("yuv420p", "bt2020", "limited", "#ff0000", [74, 97, 240]),
        ("yuv420p", "bt601", "full", "#000000", [0, 128, 128]),
        ("yuv420p", "bt601", "full", "#ff0000", [76, 85, 255]),
        ("yuv420p10le", "bt709", "limited", "#ffffff", [940, 512, 512]),
        ("yuv444p12le", "bt709", "full", "#0000ff", [296, 4095, 1860]),
        ("gray", "bt601", "limited", "#00ff00", [145]),
        ("gbrp", "bt709", "full", "#102030", [32, 48, 16]),
        ("gbrp", "bt709", "limited", "#ffffff", [235, 235, 235]),
        ("gbrap", "bt709", "full", "#102030", [32, 48, 16, 255]),
        ("yuv444p", "rgb", "full", "#102030", [32, 48, 16]),
        ("gray", "rgb", "full", "#ff0000", [76]),
    ],
)
def test_a_colour_is_the_samples_of_its_matrix_and_range(
    layout: str, matrix: ColorMatrix, range_: ColorRange, color: str, expected: list[int]
) -> None:
    of = picture(Size(2, 2), layout, range=range_, matrix=matrix)
    assert [sample_of(of, plane, color) for plane in range(len(of.format.kinds))] == expected


def test_legal_values_are_those_of_the_range_at_every_depth() -> None:
    limited = picture(Size(2, 2), "yuv420p10le")
    assert [legal(limited, plane) for plane in range(3)] == [(64, 940), (64, 960), (64, 960)]
    assert [legal(picture(Size(2, 2), "yuv420p10le", range="full"), plane) for plane in range(3)] == [(0, 1023)] * 3
    assert legal(picture(Size(2, 2), "gbrap"), 3) == (0, 255)


def test_every_colour_is_legal() -> None:
    for layout in ("yuv420p", "yuv420p10le", "gbrp", "gray12le"):
        for range_ in ("limited", "full"):
            of = picture(Size(2, 2), layout, range=range_)
            for color in ("#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff", "#010203"):
                for plane in range(len(of.format.kinds)):
                    low, high = legal(of, plane)
                    assert low <= sample_of(of, plane, color) <= high


def test_only_planes_of_light_get_a_pattern() -> None:
    assert [is_lightness(picture(Size(2, 2)), plane) for plane in range(3)] == [True, False, False]
    assert [is_lightness(picture(Size(2, 2), "gbrap"), plane) for plane in range(4)] == [True, True, True, False]
