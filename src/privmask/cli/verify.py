"""`privmask verify`: the checklist of a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.words import answer, shown_name
from privmask.errors import EvidenceError

if TYPE_CHECKING:
    from privmask.evidence import Verdict


def verify(
    copy: Annotated[Path, typer.Argument(metavar="COPY", help="A copy made by privmask, its statement beside it.")],
    original: Annotated[
        Path | None, typer.Option("--original", metavar="CLIP", help="The original, to compare with.")
    ] = None,
    tracks: Annotated[
        Path | None,
        typer.Option(
            "--tracks", metavar="FILE", help="The owner's file of where moving masks were, if not beside COPY."
        ),
    ] = None,
    unsigned: Annotated[bool, options.flag("--unsigned", "Accept a copy whose statement nobody has signed.")] = False,
    as_json: options.Json = False,
) -> int:
    """Check a copy against its statement, point by point. Ends with 3 when it does not hold."""
    from privmask.cli.progress import progress_bar
    from privmask.verifying import verify_copy

    with progress_bar() as progress:
        verdict = verify_copy(copy, original=original, tracks=tracks, accept_unsigned=unsigned, progress=progress)
    answer(verdict_data(verdict), checklist(copy, verdict), as_json=as_json)
    return 0 if verdict.holds else EvidenceError.exit_code


def verdict_data(verdict: Verdict) -> dict[str, object]:
    """The verdict as JSON-able data, with the exit code it leads to."""
    checks = [
        {"number": check.number, "name": check.name, "outcome": check.outcome, "reason": check.reason}
        for check in verdict.checks
    ]
    return {"holds": verdict.holds, "checks": checks, "exit_code": 0 if verdict.holds else EvidenceError.exit_code}


def checklist(copy: Path, verdict: Verdict) -> str:
    """The verdict as lines for a person."""
    lines = [
        f"{check.number:>2}  {check.outcome:<11}  {check.name}" + (f": {check.reason}" if check.reason else "")
        for check in verdict.checks
    ]
    word = "holds" if verdict.holds else "DOES NOT HOLD"
    return "\n".join([*lines, f"The evidence for {shown_name(copy)} {word}."])
