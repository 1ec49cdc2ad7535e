"""Draw what bench.py measured: frames a second beside others, and the cost by what is hidden and by how long a clip is.

Each plot is drawn in both languages, narrow enough for a telephone, and takes its colours from the reader's light or dark page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_rows import Parts
from bench_table import Language

_WIDTH = 520
_STYLE = """<style>
text { fill: #222 } .ground { fill: #fff } .grid { stroke: #ddd } .one { stroke: #888; stroke-dasharray: 4 3 }
.ours { fill: #1b7f5c; stroke: #1b7f5c } .check { fill: #7a5195; stroke: #7a5195 }
.theirs { fill: #b3541e; stroke: #b3541e } .plain { fill: #777; stroke: #777 }
polyline { fill: none !important; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .ground { fill: #161b22 } .grid { stroke: #3a414b } .one { stroke: #999 }
.ours { fill: #3fb68b; stroke: #3fb68b } .check { fill: #b48ad6; stroke: #b48ad6 }
.theirs { fill: #e0814a; stroke: #e0814a } .plain { fill: #999; stroke: #999 } }
</style>"""

_NAMES: dict[str, tuple[str, str]] = {
    "ffmpeg": ("ffmpeg, nothing hidden", "ffmpeg（何も隠さない）"),
    "ffmpeg overlay": ("ffmpeg, overlay", "ffmpeg（overlay）"),
    "ffmpeg maskedmerge": ("ffmpeg, maskedmerge", "ffmpeg（maskedmerge）"),
    "ffmpeg pixelating": ("ffmpeg, pixelating", "ffmpeg（モザイク）"),
    "privmask": ("privmask", "privmask"),
    "privmask pixelated": ("privmask, pixelated", "privmask（モザイク）"),
    "privmask blurred": ("privmask, blurred", "privmask（ぼかし）"),
    "privmask with self-check": ("privmask, self-check", "privmask（検査あり）"),
    "faces": ("privmask --faces", "privmask --faces"),
    "deface": ("deface", "deface"),
}
_DASHED = ("ffmpeg overlay", "privmask pixelated")
_SECONDS = ("s", "秒")
_SPEED_HEADS = (
    ("zones, 30 % hidden: frames a second", "faces: frames a second"),
    ("領域（画面の 30 %）：毎秒のコマ数", "顔：毎秒のコマ数"),
)
_COST_HEADS = (
    ("CPU time against plain ffmpeg, by the share hidden", "CPU time against plain ffmpeg, by the clip’s length"),
    ("隠す割合と、ffmpeg の変換に対する CPU 時間", "映像の長さと、ffmpeg の変換に対する CPU 時間"),
)


def draw_plots(parts: Parts, folder: Path) -> None:
    """Write speed.svg and cost.svg, and the Japanese ones beside them."""
    for name, text in plots(parts).items():
        (folder / name).write_text(text, "utf-8")


def plots(parts: Parts) -> dict[str, str]:
    """The drawings by file name; what was not measured is not drawn."""
    drawn = {}
    languages: tuple[Language, ...] = ("en", "ja")
    for n, language in enumerate(languages):
        suffix = "" if language == "en" else f".{language}"
        drawn[f"speed{suffix}.svg"] = _svg(_speed(parts, n))
        drawn[f"cost{suffix}.svg"] = _svg(_cost(parts, n))
    return drawn


def _svg(panels: Iterator[tuple[int, list[str]]]) -> str:
    """Panels below each other, each with its height."""
    top, body = 0, []
    for height, lines in panels:
        body += [f'<g transform="translate(0 {top})">', *lines, "</g>"]
        top += height
    size = f'viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">'
    return "\n".join([head, _STYLE, f'<rect class="ground" width="{_WIDTH}" height="{top}"/>', *body, "</svg>"]) + "\n"


def _speed(parts: Parts, n: int) -> Iterator[tuple[int, list[str]]]:
    zones: dict[str, float] = {}
    for part in ("peers", "whole job"):
        zones.update(parts[part]["clips"][0]["frames_a_second"] if part in parts else {})
    if zones:
        yield _bars(_SPEED_HEADS[n][0], {name: zones[name] for name in _NAMES if name in zones}, n)
    found = {"faces": "as it is", "deface": "deface"}
    faces = parts.get("faces", {})
    if faces:
        yield _bars(_SPEED_HEADS[n][1], {k: faces[v]["frames_a_second"] for k, v in found.items() if v in faces}, n)


def _bars(head: str, rates: Mapping[str, float], n: int) -> tuple[int, list[str]]:
    left, step, most = 172, 24, max(rates.values())
    lines = [_head(head)]
    for k, (name, rate) in enumerate(rates.items()):
        y, long = 40 + k * step, (_WIDTH - left - 50) * rate / most
        lines += [
            f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{_NAMES[name][n]}</text>',
            f'<rect class="{_class(name)}" x="{left}" y="{y}" width="{max(long, 1):.1f}" height="18"/>',
            f'<text x="{left + long + 6:.1f}" y="{y + 13}">{rate:.0f}</text>',
        ]
    return 40 + len(rates) * step + 12, lines


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where values lie along the picture: on a scale of logarithms, or from 0."""

    start: float
    stop: float
    first: float
    last: float
    is_log: bool = False

    def at(self, value: float) -> float:
        """The place of a value."""
        first, last, value = (math.log(each) if self.is_log else each for each in (self.first, self.last, value))
        return self.start + (self.stop - self.start) * (value - first) / (last - first or 1)


def _cost(parts: Parts, n: int) -> Iterator[tuple[int, list[str]]]:
    for k, (part, group, by) in enumerate((("shares", "by_share", "share"), ("lengths", "by_length", "seconds"))):
        if part in parts:
            points = parts[part][group]
            axis = _Axis(52, _WIDTH - 24, points[0][by], points[-1][by], is_log=by == "seconds")
            axis = axis if by == "seconds" else _Axis(52, _WIDTH - 24, 0, 1)
            yield _curves(_COST_HEADS[n][k], axis, [(each[by], each["ratios"]) for each in points], n)


def _curves(head: str, axis: _Axis, points: Sequence[tuple[float, Mapping[str, Any]]], n: int) -> tuple[int, list[str]]:
    names = [name for name in _NAMES if f"{name} / ffmpeg" in points[0][1]]
    costs = {name: [ratios[f"{name} / ffmpeg"]["cpu"] for _, ratios in points] for name in names}
    top, bottom = 40, 220
    up = _Axis(bottom, top, 0, max(1.5, math.ceil(2 * max(max(each) for each in costs.values())) / 2))
    lines = [_head(head), *_grid(axis, up), *_ticks(axis, [at for at, _ in points], bottom, n)]
    for name, found in costs.items():
        places = [(axis.at(at), up.at(cost)) for (at, _), cost in zip(points, found, strict=True)]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        lines.append(f'<polyline class="{_class(name)}" points="{drawn}"{_dash(name)}/>')
        lines += [f'<circle class="{_class(name)}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
    return bottom + 40 + 20 * -(-len(names) // 2) + 10, [*lines, *_legend(names, bottom + 46, n)]


def _grid(axis: _Axis, up: _Axis) -> Iterator[str]:
    step = 0.5 if up.last <= 3 else 1 if up.last <= 6 else 5
    for k in range(int(up.last / step) + 1):
        value = k * step
        y, kind = up.at(value), "one" if value == 1 else "grid"
        yield f'<line class="{kind}" x1="{axis.start}" x2="{axis.stop}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{axis.start - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g} ×</text>'


def _ticks(axis: _Axis, values: Sequence[float], bottom: int, n: int) -> Iterator[str]:
    for value in values:
        told = f"{value:g} {_SECONDS[n]}" if axis.is_log else f"{value * 100:g} %"
        yield f'<text x="{axis.at(value):.1f}" y="{bottom + 18}" text-anchor="middle">{told}</text>'


def _legend(names: Sequence[str], top: int, n: int) -> Iterator[str]:
    for k, name in enumerate(names):
        x, y = 52 + 230 * (k % 2), top + 20 * (k // 2)
        yield f'<polyline class="{_class(name)}" points="{x},{y - 4} {x + 28},{y - 4}"{_dash(name)}/>'
        yield f'<text x="{x + 36}" y="{y}">{_NAMES[name][n]}</text>'


def _class(name: str) -> str:
    if name == "ffmpeg":
        return "plain"
    if name.endswith("self-check"):
        return "check"
    return "theirs" if name.startswith("ffmpeg") or name == "deface" else "ours"


def _dash(name: str) -> str:
    return ' stroke-dasharray="6 4"' if name in _DASHED else ""


def _head(text: str) -> str:
    return f'<text x="12" y="24" font-size="14">{text}</text>'
