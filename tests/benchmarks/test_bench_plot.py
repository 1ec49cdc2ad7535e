"""The plots of speed and cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench_plot import draw_plots, plots

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
PARTS: dict[str, Any] = json.loads((BENCHMARKS / "figures.json").read_text("utf-8"))["parts"]
NAMES = ["cost.ja.svg", "cost.svg", "speed.ja.svg", "speed.svg"]
SVG = "{http://www.w3.org/2000/svg}"


def test_the_plots_are_those_drawn_from_the_figures() -> None:
    assert {name: (BENCHMARKS / name).read_text("utf-8") for name in NAMES} == plots(PARTS)


def test_plots_are_written_beside_the_figures(tmp_path: Path) -> None:
    draw_plots(PARTS, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES


def test_a_bar_is_as_long_as_its_frames_a_second() -> None:
    rates = {"ffmpeg": 80.0, "privmask": 40.0, "privmask with self-check": 20.0}
    drawn = ElementTree.fromstring(plots({"whole job": {"clips": [{"frames_a_second": rates}]}})["speed.svg"])
    long = [float(bar.get("width", 0)) for bar in drawn.iter(f"{SVG}rect") if bar.get("class") != "ground"]
    assert [each / long[0] for each in long] == pytest.approx([1, 0.5, 0.25], abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_drawn_beside_the_picture(name: str) -> None:
    drawn = ElementTree.fromstring(plots(PARTS)[name])
    width, height, top = float(drawn.get("width", 0)), float(drawn.get("height", 0)), 0.0
    for panel in drawn.iter(f"{SVG}g"):
        top = float(panel.get("transform", "").split()[1].strip(")"))
        for each in panel:
            ends = {
                key: float(value)
                for key, value in each.attrib.items()
                if key in ("x", "x1", "x2", "y", "y1", "y2", "cx", "cy")
            }
            for key, at in ends.items():
                assert 0 <= at <= (width if "x" in key else height - top), (each.tag, key, at)
    assert top > 0


def test_a_plot_that_was_not_measured_is_left_empty() -> None:
    for text in plots({}).values():
        assert not list(ElementTree.fromstring(text).iter(f"{SVG}text"))
