"""privmask's headline property: two clips that differ only inside the masks give identical copies, bit for bit.

It covers chroma bleed, look-ahead, rate control, side data, picture types and tags at once: whatever the copy's bytes
depend on, it is not what was private.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from privmask import Mask, MaskPlan, mask_clip
from privmask.geometry import Size
from privmask.masks import DynamicMask, MaskType
from privmask.video import Sections, Writing
from privmask.watching import Looking
from tests.plans import polygon, three_zones
from tests.twins import Kind, twins
from tests.video.clips import make_clip

ALL_TYPES = three_zones()
PLAIN = Kind()
AS_MP4 = Writing(container="mp4")
CODECS = {".png": "png", ".jpg": "mjpeg"}


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    kind: Kind = PLAIN
    plan: MaskPlan = ALL_TYPES
    writing: Writing = AS_MP4


CASES = [
    Case("4:2:0"),
    Case("Color alone", plan=three_zones("Color", "Color", "Color")),
    Case("Pixelated alone", plan=three_zones("Pixelated", "Pixelated", "Pixelated")),
    Case("Blurred alone", plan=three_zones("Blurred", "Blurred", "Blurred")),
    Case("4:2:2", Kind("yuv422p")),
    Case("4:4:4", Kind("yuv444p", Size(97, 65))),
    Case("grey", Kind("gray", Size(97, 65))),
    Case("RGB", Kind("gbrp", Size(98, 66))),
    Case("10 bit 4:2:0", Kind("yuv420p10le")),
    Case("10 bit 4:2:2", Kind("yuv422p10le")),
    Case("odd size 4:2:0", Kind("yuv420p", Size(99, 67))),
    Case("interlaced", Kind(size=Size(96, 64), interlaced=True)),
    Case("interlaced 4:2:2", Kind("yuv422p", Size(96, 64), interlaced=True)),
    Case("variable rate", Kind(times="N*N")),
    Case("non-zero start", Kind(times="N+30")),
    Case("a zone that comes and goes", plan=three_zones("Color", "Blurred", "Pixelated", start="0.1", end="0.3")),
    Case(
        "a zone that comes and goes at a variable rate",
        Kind(times="N*N+7"),
        three_zones("Blurred", start="0.9", end="2.5"),
    ),
    Case("HEVC", writing=Writing(codec="hevc", container="mp4")),
    Case("HEVC 10 bit", Kind("yuv420p10le"), writing=Writing(codec="hevc", container="matroska")),
    Case("AV1", Kind(frames=6), writing=Writing(codec="av1", container="mp4")),
    Case("without loss", writing=Writing(lossless=True, container="matroska")),
    Case("without loss, 10 bit 4:4:4", Kind("yuv444p10le"), writing=Writing(lossless=True, container="matroska")),
    Case("in sections", Kind(frames=40), writing=Writing(container="mp4", sections=Sections(Fraction(1, 5), 5))),
    Case("Matroska", writing=Writing(container="matroska")),
    Case("MPEG-TS", writing=Writing(container="mpegts")),
    Case("HEVC in MPEG-TS", writing=Writing(codec="hevc", container="mpegts")),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_clips_that_differ_only_inside_the_masks_give_identical_copies(tmp_path: Path, case: Case) -> None:
    suffix = {"matroska": ".mkv", "mpegts": ".ts"}.get(case.writing.container, ".mp4")
    copies = []
    for clip in twins(tmp_path, case.plan, case.kind):
        copies.append(clip.with_name(f"copy of {clip.stem}{suffix}"))
        result = mask_clip(clip, copies[-1], case.plan, writing=case.writing)
        assert result.frames == case.kind.frames
    assert copies[0].read_bytes() == copies[1].read_bytes()
    assert b"private" not in copies[1].read_bytes()


def test_clips_that_differ_only_inside_moving_masks_give_identical_copies(tmp_path: Path) -> None:
    """Given the same boxes; the zone of the twins is the moving box, drawn as a fixed one, without the margin."""
    zone = polygon("1/4,1/4 3/4,1/4 3/4,3/4 1/4,3/4")
    boxes = [
        {"frame": frame, "track": 1, "label": "face", "box": [24 + 2 * (frame > 0), 16, 48 - 2 * (frame > 0), 33]}
        for frame in (0, 11)
    ]
    header = {"format": "privmask.tracks.v1", "frame": [98, 66], "searched": ["face"]}
    tracks = tmp_path / "tracks.jsonl"
    tracks.write_text("\n".join(map(json.dumps, (header, *boxes))))
    kinds: tuple[MaskType, ...] = ("Pixelated", "Blurred")
    for kind in kinds:
        plan = MaskPlan((), dynamic=(DynamicMask("face", kind),))
        folder = tmp_path / kind
        folder.mkdir()
        copies = [
            mask_clip(clip, clip.with_name(f"copy of {clip.stem}.mp4"), plan, looking=Looking(tracks=tracks)).copy
            for clip in twins(folder, MaskPlan((Mask("box", zone),)), PLAIN)
        ]
        assert copies[0].read_bytes() == copies[1].read_bytes()


def test_the_copies_differ_when_a_public_sample_differs(tmp_path: Path) -> None:
    """The test above can fail: the same clips, masked by a plan that leaves one of the zones out."""
    lesser = three_zones("Color", "Pixelated")
    copies = []
    for clip in twins(tmp_path, ALL_TYPES, Kind()):
        copies.append(clip.with_name(f"copy of {clip.stem}.mp4"))
        mask_clip(clip, copies[-1], lesser, writing=Writing(container="mp4"))
    assert copies[0].read_bytes() != copies[1].read_bytes()


@pytest.mark.parametrize(("suffix", "fmt"), [(".png", "rgb24"), (".png", "gray"), (".jpg", "yuvj420p")])
def test_stills_that_differ_only_inside_the_masks_give_identical_copies(tmp_path: Path, suffix: str, fmt: str) -> None:
    """The zone lies on the blocks of a JPEG, which are coded one by one, so that the rest of the original is the same."""
    zone = MaskPlan((Mask("block", polygon("1/4,1/4 3/4,1/4 3/4,3/4 1/4,3/4"), "Blurred"),))

    def paint(_frame: int, planes: list[NDArray[Any]]) -> None:
        for plane in planes:
            rows, columns = plane.shape[0] // 4, plane.shape[1] // 4
            plane[rows : 3 * rows, columns : 3 * columns] = 99

    stills = [
        make_clip(tmp_path / f"quiet{suffix}", size=(128, 64), fmt=fmt, codec=CODECS[suffix], frames=1),
        make_clip(tmp_path / f"busy{suffix}", size=(128, 64), fmt=fmt, codec=CODECS[suffix], frames=1, private=paint),
    ]
    assert stills[0].read_bytes() != stills[1].read_bytes()
    copies = [mask_clip(still, still.with_name(f"copy-{still.name}"), zone).copy.read_bytes() for still in stills]
    assert copies[0] == copies[1]
