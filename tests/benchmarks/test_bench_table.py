"""The tables of figures: nobody types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench_rows import rows
from bench_table import BEGIN, END, READMES, Language, draw_tables, replaced, table

ROOT = Path(__file__).resolve().parents[2]
PARTS: dict[str, Any] = json.loads((ROOT / "benchmarks" / "figures.json").read_text("utf-8"))["parts"]


@pytest.mark.parametrize("language", READMES)
def test_the_table_in_the_readme_is_the_one_drawn_from_the_figures(language: Language) -> None:
    text = (ROOT / READMES[language]).read_text("utf-8")
    assert text == replaced(text, table(PARTS, language))


def test_a_table_is_put_between_its_markers_and_nowhere_else(tmp_path: Path) -> None:
    for name in READMES.values():
        (tmp_path / name).write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nbehind\n", "utf-8")
    draw_tables(PARTS, tmp_path)
    for language, name in READMES.items():
        drawn = f"before\n\n{BEGIN}\n{table(PARTS, language)}{END}\n\nbehind\n"
        assert (tmp_path / name).read_text("utf-8") == drawn


def test_every_figure_stands_in_both_languages() -> None:
    english, japanese = (table(PARTS, language).splitlines() for language in ("en", "ja"))
    assert len(english) == len(japanese) > 10
    assert "倍" not in "".join(english)


def test_what_was_not_measured_has_no_row() -> None:
    assert list(rows({})) == []
    fewer = list(rows({name: part for name, part in PARTS.items() if name != "verify"}))
    assert [what for (what, _), _ in (row for row in rows(PARTS) if row not in fewer)] == [
        "`verify --bytes-only`, 2 GB"
    ]


def test_the_ratios_of_the_whole_job_are_told_as_they_were_measured() -> None:
    ratios = {
        "privmask / ffmpeg": {"cpu": 0.914, "wall": 0.996},
        "privmask with self-check / ffmpeg": {"cpu": 1.3, "wall": 1.4},
    }
    clip = {"seconds": 30.0, "height": 1080}
    medians = {
        "ffmpeg": {"peak_mib": 900.0},
        "privmask": {"peak_mib": 410.0},
        "privmask with self-check": {"peak_mib": 420.4},
    }
    job = {
        "clip": clip,
        "medians": medians,
        "ratios": ratios,
        "parts_of_the_job": {"evidence": 0.0123, "self-check": 0.3},
    }
    told = [figure for _, (figure, _) in rows({"whole job": {"clips": [job]}})]
    assert told == [
        "0.91 × its CPU time, 1.00 × its wall time",
        "1.30 × its CPU time, 1.40 × its wall time",
        "420 MiB",
        "1.2 %",
    ]
