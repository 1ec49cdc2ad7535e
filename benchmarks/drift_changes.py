"""What is made of the pictures of a camera in the benchmark of drift: other light and weather, people in front, and moves."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from privmask.geometry import Size

Luma: TypeAlias = NDArray[np.uint8]
Change: TypeAlias = Callable[[Luma], Luma]


@dataclass(frozen=True, slots=True)
class Move:
    """A camera's move: share of the width and of the height, zoom, and degrees clockwise."""

    x: float = 0
    y: float = 0
    zoom: float = 1
    turn: float = 0

    def __call__(self, luma: Luma) -> Luma:
        """The picture after the move; what comes into view is the mirrored edge."""
        height, width = luma.shape
        matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -self.turn, self.zoom)
        matrix[:, 2] += (self.x * width, self.y * height)
        moved = cv2.warpAffine(luma, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(moved, np.uint8)

    def farthest(self, size: Size) -> float:
        """How far the corner that moves most moves, as a share of the width."""
        turned = self.zoom * np.exp(1j * np.radians(self.turn)) - 1
        shift = complex(self.x * size.width, self.y * size.height)
        corners = [complex(a * size.width, b * size.height) / 2 for a in (-1, 1) for b in (-1, 1)]
        return float(max(abs(turned * corner + shift) for corner in corners) / size.width)


_DICE = np.random.default_rng(5)


def _noisy(luma: NDArray[Any], deviation: float) -> Luma:
    return np.asarray(np.clip(luma + _DICE.normal(0, deviation, luma.shape), 0, 255), np.uint8)


def _curve(luma: Luma, gamma: float) -> Luma:
    return np.asarray(255 * (luma / 255.0) ** gamma, np.uint8)


def _coarse(luma: Luma) -> Luma:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, 10])[1], 0), np.uint8)


def night(luma: Luma) -> Luma:
    """A third of the contrast, half of it lost in the dark, and noise."""
    return _noisy(_curve(luma, 2.2) * 0.35 - 5, 10)


def _infrared(luma: Luma) -> Luma:
    """Bright in the middle, dark around, noisy, and the light of things changed, some of it turned about."""
    rows, columns = np.indices(luma.shape)
    off = ((columns / luma.shape[1] - 0.5) ** 2 + (rows / luma.shape[0] - 0.5) ** 2) * 3
    turned = 128 + 110 * np.sin(luma / 255.0 * 2 * np.pi)
    return _noisy(turned * np.clip(1 - off, 0.1, 1) * 0.6, 9)


def _blocked(luma: Luma) -> Luma:
    """A lorry stands before the left 45 % of it."""
    out = luma.copy()
    side = np.random.default_rng(1).integers(60, 200, (12, 8)).astype(np.uint8)
    width = int(0.45 * luma.shape[1])
    out[:, :width] = cv2.resize(side, (width, luma.shape[0]), interpolation=cv2.INTER_NEAREST)
    return out


def _rain(luma: Luma) -> Luma:
    """Half of the contrast, and a new set of streaks on every frame."""
    out = np.asarray(luma * 0.5 + 90, np.uint8)
    for x, y in zip(_DICE.integers(0, luma.shape[1], 300), _DICE.integers(0, luma.shape[0], 300), strict=True):
        cv2.line(out, (int(x), int(y)), (int(x) + 3, int(y) + luma.shape[0] // 12), 230, 1)
    return out


def _crowd(luma: Luma) -> Luma:
    """Five people before it, anew on every frame: each an eighth of the width and half of the height."""
    out, (height, width) = luma.copy(), luma.shape
    for _ in range(5):
        left, top = int(_DICE.integers(-width // 16, width)), int(_DICE.integers(0, height // 2))
        part = out[top : top + height // 2, max(0, left) : left + width // 8]
        cloth = _DICE.integers(30, 220, (8, 3)).astype(np.uint8)
        part[:] = cv2.resize(cloth, part.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return out


def _covered(luma: Luma) -> Luma:
    """All but a strip is a hand."""
    out = np.full_like(luma, 60)
    strip = luma.shape[1] // 12
    out[:, :strip] = luma[:, :strip]
    return _noisy(cv2.GaussianBlur(out, (0, 0), 5), 3)


def captioned(luma: Luma) -> Luma:
    """Names and times as recorders burn them in: they do not move with the camera."""
    out, high = luma.copy(), luma.shape[0]
    for text, y in (("CAMERA 01 GATE NORTH  2026-11-23 13:57:01", 0.06), ("REC  12.5 FPS  192.168.0.12", 0.97)):
        for color, width in ((0, 4), (255, 1)):
            cv2.putText(out, text, (8, int(y * high)), 0, high / 500, color, width, cv2.LINE_AA)
    return out


def barred(luma: Luma) -> Luma:
    """Black above and below."""
    out = luma.copy()
    bar = luma.shape[0] // 9
    out[:bar] = out[-bar:] = 16
    return out


def encoded(frames: list[Luma], crf: int) -> list[Luma]:
    """What a recorder that saves bytes leaves of them: H.264 at that rate factor, one group of pictures."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": str(crf), "preset": "veryfast"})
        stream.height, stream.width = (side & ~1 for side in frames[0].shape)
        stream.pix_fmt = "yuv420p"
        for luma in frames:
            even = np.ascontiguousarray(luma[: stream.height, : stream.width])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="gray")))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as container:
        return [np.asarray(frame.to_ndarray(format="gray"), np.uint8) for frame in container.decode(video=0)]


STILL: dict[str, Change] = {
    "as it is": lambda luma: luma,
    "gamma 0.5": lambda luma: _curve(luma, 0.5),
    "gamma 2": lambda luma: _curve(luma, 2),
    "noise 20": lambda luma: _noisy(luma, 20),
    "coarse JPEG": _coarse,
    "rain, haze": _rain,
    "night": night,
    "infrared": _infrared,
    "45 % blocked": _blocked,
    "captions": captioned,
    "bars": barred,
    "people in front": _crowd,
    "half the size": lambda luma: np.asarray(
        cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
    ),
    "squeezed 4:3": lambda luma: np.asarray(cv2.resize(luma, (480, 360), interpolation=cv2.INTER_AREA), np.uint8),
}
FLIPS: dict[str, Change] = {
    "mirrored": lambda luma: np.ascontiguousarray(luma[:, ::-1]),
    "upside down": lambda luma: np.ascontiguousarray(luma[::-1, ::-1]),
    "flipped": lambda luma: np.ascontiguousarray(luma[::-1]),
}
UNSEEN: dict[str, Change] = {
    "too dark": lambda luma: _noisy(luma * 0.02 + 8, 5),
    "nothing but light": lambda luma: np.full_like(luma, 255),
    "a hand before it": _covered,
}
"""Nobody could tell where the camera looks."""
MOVES = {
    "shift 0.5 %": Move(x=0.005),
    "shift 1 %": Move(x=-0.01),
    "shift 1 % down": Move(y=0.0178),
    "shift 2 %": Move(x=0.02),
    "shift 5 %": Move(x=-0.04, y=0.05),
    "shift 9 %": Move(x=0.09),
    "shift 20 %": Move(x=0.2),
    "zoom 0.5 %": Move(zoom=1.005),
    "zoom 1 %": Move(zoom=1.01),
    "zoom 2 %": Move(zoom=1.02),
    "zoom 5 %": Move(zoom=0.95),
    "shift 0.7 %, zoom 0.6 %": Move(x=0.0072, zoom=1.006),
    "turn 0.5 deg": Move(turn=0.5),
    "turn 1 deg": Move(turn=-1),
    "turn 2 deg": Move(turn=2),
    "turn 5 deg": Move(turn=-5),
}
FRAMED: dict[str, Change] = {
    ", captions": captioned,
    ", bars": barred,
    ", captions at night": lambda luma: captioned(night(luma)),
}
"""What stands still in the picture when the camera moves."""
