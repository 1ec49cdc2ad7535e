"""`privmask mask`: from words to one call of the corridor."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from privmask.cli import options
from privmask.cli.words import answer, say, shown_name
from privmask.errors import PlanError

if TYPE_CHECKING:
    from privmask.copying import Result
    from privmask.masks import Mask, MaskPlan, MaskType
    from privmask.video import Reading

_TYPES: dict[options.ZoneType, MaskType] = {"color": "Color", "pixelated": "Pixelated", "blurred": "Blurred"}

UNSIGNED_ONLY = (
    "this version cannot sign a copy yet; signing comes in a later version. Say --unsigned to make a copy whose statement "
    "nobody has signed: it shows mistakes and damage, but not a forger who rewrites copy and statement together."
)


def mask(
    clip: options.Clip,
    copy: Annotated[Path, typer.Option("-o", "--output", metavar="COPY", help="The copy: a new .mp4, .mkv, .jpg or .png.")],
    plan: options.PlanFile = None,
    camera: options.Camera = None,
    zone: options.Zones = None,
    type: options.Type = None,
    color: options.Color = None,
    audio: Annotated[Literal["drop", "keep"], typer.Option(help="Whether the sound comes along.")] = "drop",
    codec: Annotated[Literal["auto", "h264", "hevc", "av1", "ffv1"], typer.Option(help="How the copy is coded.")] = "auto",
    lossless: Annotated[bool, options.flag("--lossless", "Public samples come back exactly; a large file.")] = False,
    quality: Annotated[int | None, typer.Option(metavar="N", help="The encoder's quality number; smaller is better.")] = None,
    preset: Annotated[str | None, typer.Option(metavar="P", help="The encoder's preset, such as veryfast or slow.")] = None,
    stream: options.Stream = None,
    damaged: Annotated[Literal["fail", "hide"], typer.Option(help="A damaged frame: no copy, or hidden whole.")] = "fail",
    recorded_at: options.RecordedAt = None,
    no_self_check: Annotated[bool, options.flag("--no-self-check", "Do not decode the copy again to check it.")] = False,
    unsigned: Annotated[bool, options.flag("--unsigned", "Make a copy without a signature: the only way yet.")] = False,
    as_json: options.Json = False,
) -> int:
    """Make a masked copy of CLIP, and a statement beside it that says what was done."""
    if not unsigned:
        raise PlanError(UNSIGNED_ONLY)
    moment = options.moment(recorded_at)
    from privmask.cli.progress import progress_bar
    from privmask.copying import mask_clip
    from privmask.video import Reading, Writing

    reading = Reading(stream=stream, damaged=damaged)
    zones = gather_zones(clip, plan, camera, zone or [], type, color, reading)
    writing = Writing(codec=codec, quality=quality, preset=preset, lossless=lossless, audio=audio)
    with progress_bar() as progress:
        result = mask_clip(
            clip,
            copy,
            zones,
            reading=reading,
            writing=writing,
            recorded_at=moment,
            self_check=not no_self_check,
            progress=progress,
        )
    for notice in result.notices:
        say(f"note: {notice}")
    answer(result.as_data(), _summary(result), as_json=as_json)
    return 0


def gather_zones(
    clip: Path,
    plan: Path | None,
    camera: str | None,
    corners: list[str],
    type: options.ZoneType | None,
    color: str | None,
    reading: Reading,
) -> MaskPlan:
    """The plan's zones and those given on the command line, as one plan."""
    from privmask.masks import MaskPlan, load_plan

    if plan is None and not corners:
        raise PlanError("nothing to hide: name a plan with --plan, or a zone with --zone")
    if not corners and (type or color):
        raise PlanError("--type and --color are for zones given with --zone; a plan file says them for each mask")
    if plan is None and camera:
        raise PlanError("--camera picks zones out of a plan; name the plan with --plan")
    loaded = MaskPlan(()) if plan is None else load_plan(plan, camera)
    added = _zones_of_the_line(clip, corners, type or "color", color, loaded, reading)
    return MaskPlan((*loaded.masks, *added), camera=loaded.camera, frame=loaded.frame)


def _zones_of_the_line(
    clip: Path, corners: list[str], type: options.ZoneType, color: str | None, loaded: MaskPlan, reading: Reading
) -> list[Mask]:
    from privmask.masks import parse_zone

    size = None  # not the plan's frame: it may be of another size than this clip, and the corners were read off this one
    if any(_in_pixels(text) for text in corners):
        from privmask.probing import picture_of

        size = picture_of(clip, reading).displayed
    taken = {mask.token for mask in loaded.masks}
    tokens = (token for token in map("zone-{}".format, itertools.count(1)) if token not in taken)
    pairs = zip(corners, tokens, strict=False)
    return [parse_zone(text, token, _TYPES[type], size, color=color or "#000000") for text, token in pairs]


def _in_pixels(corners: str) -> bool:
    """Whether a zone's numbers need the picture's size; what is no number is left to `parse_zone` to complain about."""
    return any(float(number) > 1 for number in re.findall(r"\d+(?:\.\d+)?", corners))


def _summary(result: Result) -> str:
    checked = "checked" if result.self_check is not None else "not checked"
    return (
        f"copy       {shown_name(result.copy)}\n"
        f"statement  {shown_name(result.statement)}\n"
        f"frames     {result.frames}, {checked}, in {sum(result.seconds.values()):.1f} s"
    )
