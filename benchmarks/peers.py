"""The same job by others: ffmpeg without hiding anything, and the ways in which ffmpeg hides a polygon, beside privmask's.

All write H.264 with the same x264 settings and as many threads. ffmpeg is given what it needs drawn beforehand: a picture of
the zone, and a mask for each plane. Its mosaic reads what it hides, which privmask's does not; it is measured for its cost.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image, ImageDraw

from measure import ffmpeg

PRESET, QUALITY = "veryfast", "18"
THREADS = min(os.cpu_count() or 1, 16)
SAME = ("-preset", PRESET, "-crf", QUALITY, "-qmax", "24", "-g", "100", "-threads", str(THREADS))
"""What privmask gives x264 at this quality."""

BLOCK = 16


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip with one zone, and the folder in which everything is made."""

    clip: Path
    zone: str
    work: Path
    size: tuple[int, int]

    @property
    def copy(self) -> Path:
        return self.work / "out" / "copy.mp4"


def slanted(share: float) -> str:
    """A zone that hides this share of the picture: its left part, cut off by a slanted line."""
    slant = min(share, 1 - share) / 2
    return f"0,0 {share + slant:.4f},0 {share - slant:.4f},1 0,1"


def set_scene(clip: Path, zone: str, work: Path) -> Scene:
    """Draw what ffmpeg needs for this clip and zone."""
    work.mkdir(exist_ok=True)
    with av.open(str(clip)) as container:
        size = container.streams.video[0].width, container.streams.video[0].height
    picture = Image.new("RGBA", size)
    _draw(picture, zone, (0, 0, 0, 255))
    picture.save(work / "zone.png")
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    mask = b"".join(_plane(each, zone) for each in (size, half, half))
    (work / "mask.yuv").write_bytes(mask)
    (work / "black.yuv").write_bytes(bytes([16]) * (size[0] * size[1]) + bytes([128]) * (2 * half[0] * half[1]))
    return Scene(clip, zone, work, size)


def _plane(size: tuple[int, int], zone: str) -> bytes:
    plane = Image.new("L", size)
    _draw(plane, zone, 255)
    return plane.tobytes()


def _draw(picture: Image.Image, zone: str, fill: int | tuple[int, ...]) -> None:
    corners = (corner.split(",") for corner in zone.split())
    drawn = [(float(x) * picture.width - 0.5, float(y) * picture.height - 0.5) for x, y in corners]
    ImageDraw.Draw(picture).polygon(drawn, fill=fill)


def _plain(scene: Scene) -> list[str]:
    return _transcode(scene, [], [])


def _overlay(scene: Scene) -> list[str]:
    graph = "[0:v][1:v]overlay=format=yuv420"
    return _transcode(scene, ["-i", str(scene.work / "zone.png")], ["-filter_complex", graph])


def _maskedmerge(scene: Scene) -> list[str]:
    graph = "[0:v]format=yuv420p[clip];[clip][1:v][2:v]maskedmerge"
    return _transcode(scene, [*_still(scene, "black.yuv"), *_still(scene, "mask.yuv")], ["-filter_complex", graph])


def _pixelating(scene: Scene) -> list[str]:
    width, height = scene.size
    down = f"scale={max(1, width // BLOCK)}:{max(1, height // BLOCK)}:flags=neighbor"
    up = f"scale={width}:{height}:flags=neighbor"
    graph = f"[0:v]format=yuv420p,split[clip][rest];[rest]{down},{up}[blocks];[clip][blocks][1:v]maskedmerge"
    return _transcode(scene, _still(scene, "mask.yuv"), ["-filter_complex", graph])


def _pixelize(scene: Scene) -> list[str]:
    """With FFmpeg's own filter, which takes the mean of each block."""
    graph = (
        f"[0:v]format=yuv420p,split[clip][rest];[rest]pixelize={BLOCK}:{BLOCK}[blocks];[clip][blocks][1:v]maskedmerge"
    )
    return _transcode(scene, _still(scene, "mask.yuv"), ["-filter_complex", graph])


def _alphamerge(scene: Scene) -> list[str]:
    """As most answers on the web have it: a small picture made large again, cut out by the zone's picture, laid over."""
    width, height = scene.size
    small = f"scale={max(1, width // BLOCK)}:{max(1, height // BLOCK)},scale={width}:{height}:flags=neighbor"
    graph = (
        f"[1:v]alphaextract[zone];[0:v]split[clip][rest];[rest]{small}[blocks];"
        "[blocks][zone]alphamerge[cut];[clip][cut]overlay"
    )
    return _transcode(scene, ["-i", str(scene.work / "zone.png")], ["-filter_complex", graph])


def _still(scene: Scene, name: str) -> list[str]:
    """One raw picture as an input; the filter repeats it."""
    size = "{}x{}".format(*scene.size)
    return ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-i", str(scene.work / name)]


def _transcode(scene: Scene, inputs: list[str], graph: list[str]) -> list[str]:
    before = [ffmpeg(), "-v", "error", "-y", "-i", str(scene.clip), *inputs, *graph]
    return [*before, "-an", "-c:v", "libx264", *SAME, "-movflags", "+faststart", str(scene.copy)]


def _privmask(*words: str) -> Callable[[Scene], list[str]]:
    def command(scene: Scene) -> list[str]:
        mask = [sys.executable, "-m", "privmask", "mask", str(scene.clip), "-o", str(scene.copy), "--zone", scene.zone]
        return [*mask, "--preset", PRESET, "--quality", QUALITY, *words]

    return command


COMMANDS: dict[str, Callable[[Scene], list[str]]] = {
    "ffmpeg": _plain,
    "ffmpeg overlay": _overlay,
    "ffmpeg maskedmerge": _maskedmerge,
    "ffmpeg pixelating": _pixelating,
    "ffmpeg pixelize": _pixelize,
    "ffmpeg pixelating overlay": _alphamerge,
    "privmask": _privmask("--no-self-check"),
    "privmask pixelated": _privmask("--no-self-check", "--type", "pixelated"),
    "privmask blurred": _privmask("--no-self-check", "--type", "blurred"),
    "privmask with self-check": _privmask("--json"),
}
"""How each makes `Scene.copy`. privmask signs with the default key, and hashes everything in all of them."""
