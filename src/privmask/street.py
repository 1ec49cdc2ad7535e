"""A drawn street for `privmask demo` and for trying things out: nobody's home, so that everybody may look at it.

A wall with two windows, somebody behind one of them, a person who walks past, a parked car with a number plate.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Canvas: TypeAlias = NDArray[np.float32]
Color: TypeAlias = tuple[int, int, int]

WIDTH, HEIGHT = 640, 360
FRAMES, RATE = 60, 12

PLAN = """\
# The three zones of the demo, one of each type. Corners are pixels of the displayed picture.
format = "privmask.plan.v1"
camera = "street"
frame = [640, 360]

[[mask]]
token = "private-window"
reason = "2階の窓"
polygon = [[212, 52], [332, 52], [332, 208], [212, 208]]
type = "Blurred"

[[mask]]
token = "neighbour-window"
reason = "隣家の窓"
polygon = [[420, 60], [508, 60], [508, 178], [420, 178]]
type = "Color"
color = "#203040"

[[mask]]
token = "number-plate"
reason = "駐車車両の番号"
polygon = [[88, 278], [152, 278], [152, 304], [88, 304]]
type = "Pixelated"
"""


def write_street(path: Path) -> None:
    """Write the street as a new uncompressed clip (YUV4MPEG2, 4:2:0, 640x360, 5 seconds). Raises FileExistsError."""
    with path.open("xb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\n".encode())
        for picture in street():
            file.write(b"FRAME\n")
            for plane in yuv420(picture):
                file.write(plane.tobytes())


def street() -> Iterator[Canvas]:
    """The pictures of the street, float32 (rows, columns, 3), red, green and blue in 0…255; the same in every run."""
    random = np.random.default_rng(6)
    empty = _backdrop(random)
    for number in range(FRAMES):
        canvas = empty.copy()
        _somebody_inside(canvas, number)
        _walker(canvas, 30 + 560 * number / FRAMES, number)
        _car(canvas)
        yield canvas + random.normal(0, 2.0, canvas.shape).astype(np.float32)


def yuv420(canvas: Canvas) -> tuple[NDArray[np.uint8], ...]:
    """`canvas` as limited-range BT.601 planes, chroma averaged over 2x2 samples."""
    r, g, b = (canvas[:, :, channel] / 255 for channel in range(3))
    luma = 0.299 * r + 0.587 * g + 0.114 * b
    blue, red = (b - luma) / 1.772, (r - luma) / 1.402
    halves = [plane.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3)) * 224 + 128 for plane in (blue, red)]
    return tuple(np.clip(plane + 0.5, 16, 240).astype(np.uint8) for plane in (luma * 219 + 16, *halves))


def _backdrop(random: np.random.Generator) -> Canvas:
    canvas = np.empty((HEIGHT, WIDTH, 3), np.float32)
    canvas[:] = np.linspace(150, 190, HEIGHT, dtype=np.float32)[:, None, None] + np.array((18, 6, -12), np.float32)
    canvas[:250] += random.normal(0, 7, (250, WIDTH, 1)).astype(np.float32)  # plaster
    _box(canvas, 0, 250, WIDTH, 280, (150, 148, 144))
    _box(canvas, 0, 280, WIDTH, HEIGHT, (84, 84, 88))
    for left in range(-10, WIDTH, 90):
        _box(canvas, left, 330, left + 46, 335, (214, 210, 190))
    for left, top, right, bottom in ((220, 60, 324, 200), (428, 68, 500, 170)):
        _box(canvas, left - 6, top - 6, right + 6, bottom + 6, (96, 70, 52))
        _box(canvas, left, top, right, bottom, (242, 214, 150))
        _box(canvas, (left + right) // 2 - 2, top, (left + right) // 2 + 2, bottom, (96, 70, 52))
    return canvas


def _car(canvas: Canvas) -> None:
    _box(canvas, 40, 240, 200, 310, (140, 30, 36))
    _box(canvas, 66, 206, 176, 242, (60, 72, 86))
    _disc(canvas, 74, 310, 18, 18, (24, 24, 26))
    _disc(canvas, 166, 310, 18, 18, (24, 24, 26))
    _box(canvas, 92, 282, 148, 300, (240, 240, 232))
    for place in range(6):
        _box(canvas, 97 + 8 * place, 286, 101 + 8 * place + place % 2, 296, (20, 60, 40))


def _somebody_inside(canvas: Canvas, number: int) -> None:
    """A silhouette that moves behind the private window."""
    x = 272 + 26 * np.sin(number / 7)
    _disc(canvas, x, 110, 13, 16, (92, 62, 48))
    _box(canvas, x - 20, 126, x + 20, 200, (70, 80, 120))


def _walker(canvas: Canvas, x: float, number: int) -> None:
    """A person on the pavement, at `x`, in front of the windows."""
    swing = 12 * np.sin(number / 1.7)
    for side in (-1, 1):
        _box(canvas, x - 6 + side * swing, 236, x + 5 + side * swing, 286, (36, 40, 58))
    _box(canvas, x - 15, 168, x + 15, 240, (196, 120, 40))
    _disc(canvas, x, 150, 14, 18, (222, 178, 148))
    _disc(canvas, x, 140, 14, 10, (48, 34, 28))


def _box(canvas: Canvas, left: float, top: float, right: float, bottom: float, color: Color) -> None:
    canvas[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = color


def _disc(canvas: Canvas, x: float, y: float, radius_x: float, radius_y: float, color: Color) -> None:
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    canvas[((columns - x) / radius_x) ** 2 + ((rows - y) / radius_y) ** 2 <= 1] = color
