"""The clips with ground truth, and what becomes of them under other cameras: smaller, larger, mirrored, coarse, dark.

Nothing is tuned to eight clips if it has to hold on all of these.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from measure import ffmpeg
from scoring import Truth, read_truth

_CODED = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")


@dataclass(frozen=True, slots=True)
class Variant:
    """A filter for ffmpeg and an x264 quality; `scale` and `mirrored` are what it does to the boxes."""

    filter: str
    crf: int = 16
    scale: float = 1
    mirrored: bool = False


VARIANTS = {
    "mirrored": Variant("hflip", mirrored=True),
    "half": Variant("scale=trunc(iw/4)*2:-2:flags=area", scale=0.5),
    "larger": Variant("scale=trunc(iw*0.75)*2:-2", scale=1.5),
    "coarse": Variant("null", crf=38),
    "night": Variant("eq=gamma=0.45:contrast=0.6:brightness=-0.12:saturation=0.4,noise=alls=18:allf=t", crf=26),
    "infrared": Variant("hue=s=0,eq=contrast=0.55:brightness=-0.1,noise=alls=14:allf=t", crf=26),
}

_NOT_EMPTY = {"plot_mpeg1_ps"}
"""Clips that their index calls free of faces, and are not: a pane of this one shows the people of bikes_272p, a man in a street
(found on frames 30 to 43) and a cyclist (76 to 149)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A clip to be scored; without `truth` it shows no face."""

    name: str
    variant: str
    clip: Path
    truth: list[list[Truth]] | None


def find_cases(folder: Path, drafts: Path, variants: list[str]) -> Iterator[Case]:
    """Every clip of `folder` with labelled faces, as it is and as `variants`, and those that its index calls free of faces."""
    index = {entry["file"]: entry for entry in json.loads((folder / "INDEX.json").read_text())}
    for file, entry in index.items():
        clip, labels = folder / file, folder / "gt" / f"{Path(file).stem}.faces.jsonl"
        if labels.is_file():
            yield from _cases(clip, labels, drafts, variants, entry["width"])
        elif entry.get("face_free") and _long_film(file, entry) and clip.stem not in _NOT_EMPTY:
            yield Case(clip.stem, "as it is", clip, None)
    for labels in sorted((folder / "gt").glob("images_faces_*.jsonl")):
        yield from _streets(folder, labels, drafts)


def _long_film(file: str, entry: dict[str, Any]) -> bool:
    return file.startswith("video/") and entry.get("frames", 0) > 50


def _cases(clip: Path, labels: Path, drafts: Path, variants: list[str], width: int) -> Iterator[Case]:
    yield Case(clip.stem, "as it is", clip, read_truth(labels))
    for name in variants:
        variant = VARIANTS[name]
        made = drafts / f"{clip.stem}.{name}.mkv"
        if not made.exists():
            words = ("-i", str(clip), "-an", "-vf", variant.filter, *_CODED, "-crf", str(variant.crf))
            subprocess.run([ffmpeg(), "-v", "error", *words, "-fps_mode", "passthrough", str(made)], check=True)
        yield Case(
            clip.stem,
            name,
            made,
            read_truth(labels, scale=variant.scale, mirrored_in=width if variant.mirrored else None),
        )


def _streets(folder: Path, labels: Path, drafts: Path) -> Iterator[Case]:
    """Street photographs as 1080p footage under a camera that pans: once before a blurred wall, and nine times as a crowd."""
    for line in labels.read_text().splitlines():
        entry = json.loads(line)
        photo = Image.open(next(folder.rglob(entry["image"]))).convert("RGB")
        truth = read_boxes(entry["boxes"])
        name, corners = Path(entry["image"]).stem, [(4 * n, n) for n in range(100)]
        for variant, tiles, wall in (
            ("street 1080p", [(1, 1)], _before_a_wall(photo)),
            ("crowd 1080p", [(column, row) for column in range(3) for row in range(3)], _tiled(np.asarray(photo))),
        ):
            made = drafts / f"{name}.{variant.split()[0]}.mp4"
            if not made.exists():
                _write_street(made, wall, corners)
            frames = [list(_seen(truth, photo.width, photo.height, corner, tiles)) for corner in corners]
            yield Case(name, variant, made, frames)


def read_boxes(boxes: list[dict[str, float]]) -> list[Truth]:
    """The labelled faces of one picture; each is somebody else."""
    return [
        Truth(box["x"], box["y"], box["w"], box["h"], number, bool(box.get("ignore")))
        for number, box in enumerate(boxes, 1)
    ]


def _before_a_wall(photo: Image.Image) -> NDArray[np.uint8]:
    """The photograph in the middle of what is left of it when it is enlarged, turned upside down and blurred."""
    wall = photo.rotate(180).resize((3 * photo.width, 3 * photo.height)).filter(ImageFilter.GaussianBlur(60))
    wall.paste(photo, (photo.width, photo.height))
    return np.asarray(wall)


def _tiled(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    row = np.concatenate([photo, photo[:, ::-1], photo], axis=1)
    return np.concatenate([row, row, row], axis=0)


def _seen(
    truth: list[Truth], width: int, height: int, corner: tuple[int, int], tiles: list[tuple[int, int]]
) -> Iterator[Truth]:
    """The faces of these tiles, in a window of 1920x1080 with that corner; one that is cut by its edge is ignored."""
    for number, (column, row) in enumerate(tiles):
        for face in truth:
            left = width - face.left - face.width if column == 1 and len(tiles) > 1 else face.left
            left, top = left + column * width - corner[0], face.top + row * height - corner[1]
            inside = left >= 0 and top >= 0 and left + face.width <= 1920 and top + face.height <= 1080
            if left > -face.width and top > -face.height and left < 1920 and top < 1080:
                yield Truth(left, top, face.width, face.height, number * 100 + face.name, face.ignore or not inside)


def _write_street(path: Path, wall: NDArray[np.uint8], corners: list[tuple[int, int]]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "23", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        dice = np.random.default_rng(0)
        for left, top in corners:
            noisy = wall[top : top + 1080, left : left + 1920] + dice.normal(0, 2, (1080, 1920, 1))
            window = np.asarray(np.clip(noisy, 0, 255), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(window, format="rgb24")))
        container.mux(stream.encode(None))
