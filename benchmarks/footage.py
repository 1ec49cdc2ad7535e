"""Every clip and picture of a folder masked with three zones, verified by decoding, or refused with the true reason.

    python benchmarks/footage.py [FOLDER] [--json FILE]

One row a file: codec, frames in and out, seconds, the worst frame's PSNR outside the masks, and the verdict of
`verify`. Anything but a verified copy or a refusal on purpose ends the script with 1. A raw stream's zones are the same
as a film's: one of each type.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import av
from rich.console import Console
from rich.table import Table

from privmask import Mask, MaskPlan, Polygon, mask_clip
from privmask.errors import PrivmaskError
from privmask.verifying import verify_copy
from privmask.video import Reading

SIGNATURES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png"}


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file."""

    clip: str
    codec: str
    frames_in: str
    frames_out: str
    seconds: str
    psnr: str
    verdict: str


def main() -> None:
    """Mask, verify, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    rows = [row for clip in _clips(words.folder) for row in _rows(clip)]
    _print(rows)
    if words.json:
        words.json.parent.mkdir(parents=True, exist_ok=True)
        words.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    if not rows or any(row.verdict.startswith("FAILED") for row in rows):
        sys.exit(1)


def three_zones() -> MaskPlan:
    """A rectangle, a triangle that touches two edges of the picture, and a slanted four-corner, one of each type."""
    return MaskPlan(
        (
            Mask("window", _polygon("0.1 0.15", "0.4 0.15", "0.4 0.55", "0.1 0.55"), "Color"),
            Mask("garden", _polygon("1 0", "1 0.5", "0.55 0"), "Pixelated"),
            Mask("door", _polygon("0.5 0.5", "0.8 0.6", "0.75 0.95", "0.45 0.85"), "Blurred"),
        )
    )


def _polygon(*corners: str) -> Polygon:
    pairs = (corner.split() for corner in corners)
    return Polygon(tuple((Fraction(x), Fraction(y)) for x, y in pairs))


def _clips(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name not in ("clips", "gt")]


def _rows(clip: Path) -> Iterator[Row]:
    row = _row(clip, Reading())
    yield row
    if "video streams" in row.verdict:  # several films in one file: each can be had by its number
        yield _row(clip, Reading(stream=0))


def _row(clip: Path, reading: Reading) -> Row:
    name = clip.name if reading.stream is None else f"{clip.name} --stream {reading.stream}"
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"copy{_suffix(clip)}"
        try:
            result = mask_clip(clip, copy, three_zones(), reading=reading)
            verdict = verify_copy(copy, original=clip, accept_unsigned=True)
        except PrivmaskError as refusal:
            return Row(name, "", "", "", "", "", f"refused ({refusal.exit_code}): {refusal}")
        assert result.self_check is not None
        seconds = f"{time.perf_counter() - started:.1f}"
        codec = f"{result.codec_in} → {result.codec_out}"
        frames = (str(result.frames), str(_decoded(copy)))
        broken = [f"{check.name}: {check.reason}" for check in verdict.checks if check.outcome == "FAIL"]
        said = "verified" if verdict.holds else "FAILED: " + "; ".join(broken)
        return Row(name, codec, *frames, seconds, result.self_check.worst_psnr, said)


def _suffix(clip: Path) -> str:
    """A still stays one; some PNG files of the footage are called .jpg."""
    with clip.open("rb") as file:
        start = file.read(4)
    return next((suffix for signature, suffix in SIGNATURES.items() if start.startswith(signature)), ".mp4")


def _decoded(copy: Path) -> int:
    """How many frames another reader finds in the copy."""
    with av.open(str(copy)) as container:
        return sum(1 for _ in container.decode(video=0))


def _print(rows: list[Row]) -> None:
    table = Table(title="Footage masked with three zones")
    for column in ("clip", "codec", "in", "out", "s", "PSNR outside", "verdict"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*asdict(row).values())
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
