"""The words that several commands share, each declared once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from privmask.errors import PlanError


def flag(word: str, help: str, **more: Any) -> Any:
    """An option without a value; left alone, the help would show it as if it took one."""
    return typer.Option(word, metavar="", help=help, **more)


ZoneType = Literal["color", "pixelated", "blurred"]

Clip = Annotated[Path, typer.Argument(metavar="CLIP", help="The original: a clip or a still picture. It is only read.")]
PlanFile = Annotated[Path | None, typer.Option("--plan", metavar="PLAN", help="Plan file with the zones (TOML).")]
NeededPlan = Annotated[Path, typer.Option("--plan", metavar="PLAN", help="Plan file with the zones (TOML).")]
Camera = Annotated[
    str | None, typer.Option("--camera", metavar="NAME", help="Take this camera's zones out of the plan.")
]
Stream = Annotated[int | None, typer.Option("--stream", metavar="N", help="Which video stream, if there are several.")]
Json = Annotated[bool, flag("--json", "One JSON object on standard output, for errors too.")]
Zones = Annotated[
    list[str] | None,
    typer.Option(
        "--zone",
        metavar="CORNERS",
        help='A zone: "x,y x,y x,y" in pixels of the displayed picture, or in fractions of it if no number is above 1. '
        "May be given several times, and beside a plan.",
    ),
]
Type = Annotated[
    ZoneType | None,
    typer.Option("--type", case_sensitive=False, help="How what this line adds is hidden; color if not given."),
]
Color = Annotated[
    str | None, typer.Option("--color", metavar="#RRGGBB", help="Colour of what this line adds; #000000 if not given.")
]
Faces = Annotated[bool, flag("--faces", "Look for faces on every frame, and hide those that are found.")]
Plates = Annotated[bool, flag("--plates", "Look for number plates on every frame, and hide those that are found.")]
MinFace = Annotated[
    int | None,
    typer.Option(
        "--min-face", metavar="PX", help="Height in pixels of the smallest face to look for; 16 if not given."
    ),
]
TwoPass = Annotated[bool, flag("--two-pass", "Search the whole clip before the first frame is masked.")]
Tracks = Annotated[
    Path | None,
    typer.Option("--tracks", metavar="FILE", help="Hide what this file of tracks says, of privmask detect or by hand."),
]
Audio = Annotated[Literal["drop", "keep"], typer.Option(help="Whether the sound comes along.")]
Codec = Annotated[Literal["auto", "h264", "hevc", "av1", "ffv1"], typer.Option(help="How the copy is coded.")]
Lossless = Annotated[bool, flag("--lossless", "Public samples come back exactly; a large file.")]
Quality = Annotated[int | None, typer.Option(metavar="N", help="The encoder's quality number; smaller is better.")]
Preset = Annotated[str | None, typer.Option(metavar="P", help="The encoder's preset, such as veryfast or slow.")]
Damaged = Annotated[Literal["fail", "hide"], typer.Option(help="A damaged frame: no copy, or hidden whole.")]
Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Sign with this private key, not with that of privmask keys new."),
]
Agent = Annotated[
    Path | None,
    typer.Option("--agent", metavar="PUBKEY", help="Sign with the key of this .pub file, in an agent or in hardware."),
]
Unsigned = Annotated[bool, flag("--unsigned", "Sign nothing: whoever gets the copy cannot tell who made it.")]
NoSelfCheck = Annotated[bool, flag("--no-self-check", "Do not decode the copy again to check it.")]
RecordedAt = Annotated[
    str | None,
    typer.Option(
        "--recorded-at",
        metavar="TIME",
        help="When the recording began, such as 2026-04-01T18:00+09:00: for valid and hours.",
    ),
]


def moment(text: str | None, word: str = "--recorded-at") -> datetime | None:
    """The TIME after that word. Raises PlanError for what is no time, or a time of no known place."""
    if text is None:
        return None
    try:
        wall = datetime.fromisoformat(text)
    except ValueError as error:
        raise PlanError(f"{word}: {text!r} is no time; write one such as 2026-04-01T18:00+09:00") from error
    if wall.tzinfo is None:
        raise PlanError(f"{word}: {text!r} has no time zone; write it with one, such as {text}+09:00")
    return wall
