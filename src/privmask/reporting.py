"""The corridor of reporting: a verification whose verdict is also shown to people, as a page or as a heat map.

The names of both are looked at before the work begins, and they are written after it, whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from privmask.errors import PlanError
from privmask.evidence import Statement, Verdict, keep_aside
from privmask.language import Text
from privmask.masks import plan_from_data
from privmask.report.page import report_page

if TYPE_CHECKING:
    from privmask.checking import Watch
    from privmask.differing import Differing
    from privmask.report.figures import Drawing

Paths = str | os.PathLike[str]

NOTHING_COMPARED = Text(
    "違いの図は作っていません。原本と比べられるものがありませんでした（理由は点検 14 にあります）",
    "no heat map was written: nothing could be compared with the original; check 14 says why",
)


@dataclass(frozen=True, slots=True)
class Reported:
    """A verdict that was written down, and what a person should be told besides."""

    verdict: Verdict
    notices: tuple[Text, ...] = ()


def verify_with_report(
    verify: Callable[[Watch | None], Verdict],
    copy: Paths,
    *,
    report: Paths | None = None,
    heatmap: Paths | None = None,
    clock: Callable[[], datetime],
) -> Reported:
    """Run `verify`, which verifies `copy` and tells what it is given of each frame, and write new files about it.

    `report` is an HTML page, `heatmap` a PNG; both are readable by their owner only. `clock` tells when the verification was
    done. Raises `CopyExistsError` if anything has one of the names and `CopyError` if it cannot be written; `PlanError` where
    a heat map is asked for and a package that it takes is missing. Without such a package a report has no pictures.
    """
    if report is None and heatmap is None:
        return Reported(verify(None))
    with keep_aside(*(path for path in (report, heatmap) if path is not None)) as aside:
        seen = _onlooker(needed=heatmap is not None)
        verdict = verify(None if seen is None else seen.look)
        drawing = _drawing(verdict.statement, seen)
        contents: list[bytes | None] = []
        if report is not None:
            figures = drawing.figures() if drawing else ()
            contents.append(report_page(verdict, os.path.basename(os.fspath(copy)), clock(), figures))
        if heatmap is not None:
            contents.append(drawing.sheet() if drawing else None)
        aside.publish(*contents)
    return Reported(verdict, (NOTHING_COMPARED,) if None in contents else ())


def _onlooker(*, needed: bool) -> Differing | None:
    try:
        from privmask.differing import Differing
    except ImportError as cause:
        if (cause.name or "").startswith(f"{__package__}."):
            raise
        if needed:
            raise PlanError(
                f"--heatmap: it needs PyAV, numpy and numba, and {cause.name} is missing here: pip install privmask"
            ) from cause
        return None
    return Differing()


def _drawing(statement: Statement | None, seen: Differing | None) -> Drawing | None:
    """What draws the pictures; None where none was looked at."""
    if statement is None or seen is None or seen.shown is None:
        return None
    from privmask.report.figures import Drawing
    from privmask.stated import Said

    return Drawing(seen, plan_from_data(statement.plan), lossless=Said.by(statement).lossless)
