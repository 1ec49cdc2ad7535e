"""The words that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

ZoneType = Literal["color", "pixelated", "blurred"]

Clip = Annotated[Path, typer.Argument(metavar="CLIP", help="The original: a clip or a still picture. It is only read.")]
PlanFile = Annotated[Path | None, typer.Option("--plan", metavar="PLAN", help="Plan file with the zones (TOML).")]
NeededPlan = Annotated[Path, typer.Option("--plan", metavar="PLAN", help="Plan file with the zones (TOML).")]
Camera = Annotated[str | None, typer.Option("--camera", metavar="NAME", help="Take this camera's zones out of the plan.")]
Stream = Annotated[int | None, typer.Option("--stream", metavar="N", help="Which video stream, if there are several.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, for errors too.")]
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
    ZoneType | None, typer.Option("--type", case_sensitive=False, help="How the --zone zones are hidden; color if not given.")
]
Color = Annotated[str | None, typer.Option("--color", metavar="#RRGGBB", help="Colour of --zone zones; #000000 if not given.")]
