"""The good copies of the drill, and what an insider makes with privmask's own parts: copies that hide less than they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeAlias

from privmask import MaskPlan, Writing, mask_clip
from privmask.frame import Frame, MaskedFrame
from privmask.geometry import Box
from privmask.masks import DynamicMask, Follow, Mask, fit_masks, hide
from privmask.video import container_of, open_video, write_video
from privmask.watching import Looking
from tests.finders import Scripted, finder
from tests.plans import polygon
from tests.tampering.scene import KEY, NOON, Scene
from tests.video.clips import make_clip

Kind: TypeAlias = Literal["film", "matroska", "lossless", "street", "sounding", "moving", "transport", "jpeg", "png"]

FRAMES, RATE = 60, Fraction(5)
"""Twelve seconds, of which a copy makes three groups of pictures of four seconds."""

WINDOW = Mask("window", polygon("1/4,1/4 5/8,1/4 5/8,3/4 1/4,3/4"), "Color")
DOOR = Mask("door", polygon("3/4,1/8 15/16,1/8 15/16,1/2 3/4,1/2"), "Pixelated")
PLAN = MaskPlan((WINDOW, DOOR))
TIMED = MaskPlan((WINDOW, replace(DOOR, start=Fraction(4), end=Fraction(8))))

_WALKING = {index: Box(8 + index, 70, 20 + index, 90) for index in range(FRAMES)}
_MOVING = replace(PLAN, dynamic=(DynamicMask("face"),), follow=Follow(Fraction(1, 5), Fraction(1, 5)))

_CLIPS: dict[Kind, tuple[str, dict[str, Any]]] = {
    "matroska": ("copy.mkv", {}),
    "transport": ("copy.ts", {}),
    "street": ("copy.mp4", {"size": (1280, 720), "frames": 6}),
    "sounding": ("copy.mp4", {"audio": "aac"}),
    "jpeg": ("copy.jpg", {"codec": "mjpeg", "fmt": "yuvj420p", "frames": 1}),
    "png": ("copy.png", {"codec": "png", "fmt": "rgb24", "frames": 1}),
}


def make_scene(kind: Kind, folder: Path) -> Scene:
    """A copy of that kind, made and signed in the empty `folder`."""
    name, what = _CLIPS.get(kind, ("copy.mp4", {}))
    suffix = Path(name).suffix if kind in ("jpeg", "png") else ".mkv"
    clip = make_clip(folder / f"clip{suffix}", **{"size": (128, 96), "frames": FRAMES, "rate": RATE, **what})
    looking = Looking(finder=finder(Scripted(_WALKING))) if kind == "moving" else None
    writing = Writing(lossless=kind == "lossless", audio="keep" if kind == "sounding" else "drop")
    mask_clip(clip, folder / name, plan_of(kind), looking=looking, writing=writing, signer=KEY, clock=lambda: NOON)
    scene = Scene(folder, folder / name, clip)
    scene.trust(KEY)
    return scene


def plan_of(kind: Kind) -> MaskPlan:
    """What the good copy of that kind hides."""
    return {"moving": _MOVING, "lossless": TIMED}.get(kind, PLAN)


def shifted(mask: Mask, columns: int, width: int = 128) -> Mask:
    """The zone so many samples further to the right."""
    corners = tuple((x + Fraction(columns, width), y) for x, y in mask.polygon.points)
    return replace(mask, polygon=replace(mask.polygon, points=corners))


Hiding = Callable[[Frame], MaskPlan | None]
Retouching = Callable[[Frame], None]


def repaint(scene: Scene, hiding: Hiding = lambda _: PLAN, retouch: Retouching = lambda _: None) -> None:
    """Write the scene's copy anew from its original, each frame hidden by its own plan (None: not at all) and retouched."""
    made = scene.copy.with_name(f"made-{scene.copy.name}")
    writing = Writing(container=container_of(made), lossless=bool(scene.predicate()["encoder"]["lossless"]))
    with (
        scene.original.open("rb", buffering=0) as file,
        open_video(file) as source,
        write_video(str(made), like=source, writing=writing) as sink,
    ):
        for frame in source.frames():
            plan = hiding(frame)
            if plan is not None:
                hide(frame, fit_masks(plan, source.info.picture, zero=Fraction(0)).at(frame, ()))
            retouch(frame)
            sink.write(MaskedFrame(frame))
    made.replace(scene.copy)
