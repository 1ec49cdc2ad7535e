"""Draw what bench.py measured: the table of README.md and of README.ja.md, between its two markers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from bench_rows import Parts, rows

Language: TypeAlias = Literal["en", "ja"]

READMES: dict[Language, str] = {"en": "README.md", "ja": "README.ja.md"}
BEGIN = "<!-- figures: drawn by benchmarks/bench.py, not to be typed -->"
END = "<!-- end of figures -->"
_HEADS = {"en": ("what", "figure"), "ja": ("項目", "値")}


def draw_tables(parts: Parts, folder: Path) -> None:
    """Put the tables in the place of what stands between the markers."""
    for language, name in READMES.items():
        path = folder / name
        path.write_text(replaced(path.read_text("utf-8"), table(parts, language)), "utf-8")


def replaced(text: str, drawn: str) -> str:
    """The text with this between its markers."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n" + drawn + END + rest.split(END)[1]


def table(parts: Parts, language: Language) -> str:
    """The table in Markdown; what was not measured has no row."""
    n = 0 if language == "en" else 1
    lines = [_HEADS[language], ("---", "---"), *((what[n], figure[n]) for what, figure in rows(parts))]
    return "".join(f"| {what} | {figure} |\n" for what, figure in lines)
