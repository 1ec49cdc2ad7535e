"""Whether a clip is done in parts, and in which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from privmask.video import (
    SECTIONED,
    Passing,
    Reading,
    Route,
    Sections,
    Source,
    Timetable,
    Writing,
    codec_for,
    tried,
)
from privmask.watching import Watch

Span: TypeAlias = tuple[int, int]
"""The numbers of a section's frames, [start, stop)."""

_MOST_TWICE = Fraction(1, 2)
"""Share of the frames that may be decoded once more because sections begin between two key frames."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The sections of a clip whose packets are those of `table`; `route` leads over all its frames."""

    table: Timetable
    route: Route
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """How many `sections` were done by how many processes (`jobs`), or `why_not` if the clip was done in one piece."""

    jobs: int
    sections: int
    why_not: str | None

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def find_cut(
    source: Source, watch: Watch, passing: Passing | None, reading: Reading, writing: Writing, jobs: int
) -> tuple[Cut | None, str]:
    """The sections of a clip that `jobs` processes may share, and why there are none ("" if there are)."""
    own = {
        "its copy is a still": writing.container in ("jpeg", "png"),
        SEARCHED_MEANWHILE: not watch.knows_ahead,
        "groups of its pictures travel as they are, and one encoder does the rest": passing is not None,
    }
    why_not = _unsuited(source, reading, writing.sections, jobs, own)
    if not why_not and (codec := codec_for(source.info, writing)) != SECTIONED:
        why_not = f"the copy is coded as {codec}, which is encoded in one piece"
    return (None, why_not) if why_not else _cut(source, writing.sections)


def find_search_cut(
    source: Source, watch: Watch, reading: Reading, sections: Sections, jobs: int
) -> tuple[Cut | None, str]:
    """The same for searching the clip, before it is masked."""
    own = {"what searches it is not privmask's own, and cannot be handed to other processes": not watch.asks}
    why_not = _unsuited(source, reading, sections, jobs, own)
    return (None, why_not) if why_not else _cut(source, sections)


def _unsuited(source: Source, reading: Reading, sections: Sections, jobs: int, own: Mapping[str, bool]) -> str:
    info = source.info
    length = info.duration_from_header
    reasons = {
        "one process was asked for": jobs < 2,
        "it is a still": info.is_still,
        _SHORT: length is not None and length < sections.seconds,
        **own,
        "what is damaged is to be hidden, so all of it has to be decoded at a stretch": reading.damaged != "fail",
        "it is interlaced": info.field_order != "progressive",
        "its times were counted, as the footage has none": info.pts_made,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _cut(source: Source, sections: Sections) -> tuple[Cut | None, str]:
    survey = source.survey()
    faults = [group.fault for group in survey.groups if group.fault]
    if survey.refused or faults or not survey.cleans:
        return None, survey.refused or (faults[0] if faults else "it has no key frame that a decoder can start with")
    table = Timetable.of(survey)
    starts = sections.starts(table.times, table.time_base)
    if len(starts) < 2:
        return None, _SHORT
    if _decoded_twice(table, starts) > _MOST_TWICE * len(table.times):
        return None, "its key frames that a decoder can start with are too far apart"
    table = tried(table, source.file, source.info.stream, starts)
    return Cut(table, survey.through(()), tuple(zip(starts, [*starts[1:], len(table.times)], strict=True))), ""


def _decoded_twice(table: Timetable, starts: Sequence[int]) -> int:
    return sum(start - table.clean_before(start) for start in starts)


SEARCHED_MEANWHILE = (
    "what moves is looked for while the clip is masked; with --two-pass it is known before, and many search"
)
_SHORT = "it is no longer than one section"
