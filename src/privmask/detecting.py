"""The corridor of detecting: what is found in a whole clip, as a file of tracks and a picture of each.

Search once, correct the file by hand, and mask with it (`Looking.tracks`). The original is only read, and what is written is
its owner's: it tells where people were, and when.
"""

from __future__ import annotations

import io
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privmask.copying import Progress, Told
from privmask.errors import LateFieldsError, PlanError
from privmask.evidence import Custody, FileRecord, keep_aside, keep_custody
from privmask.frame import Frame
from privmask.language import Text
from privmask.masks import MaskPlan, fit_masks
from privmask.parts import Crew, Parts, require_jobs, search_clip
from privmask.sighting import Label
from privmask.video import Reading, Sections, Source, open_video
from privmask.video.sections import AS_ALWAYS
from privmask.views import Views
from privmask.watching import Finder, Looking, Watch

if TYPE_CHECKING:
    from privmask.detect.tracks import Tracks


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a clip, and where it was written, if it was.

    `detector` is the detector's own word on what searched and how, `parts` how many processes did, or why it was one; `seconds`
    the wall time of it all.
    """

    tracks: Tracks
    original: FileRecord
    detector: dict[str, Any]
    notices: tuple[Text, ...]
    parts: Parts
    file: Path | None
    sheet: Path | None
    seconds: float

    @property
    def counted(self) -> dict[Label, int]:
        """The number of tracks of each label that was searched for, 0 as well."""
        found = Counter(each.label for each in self.tracks.keyed)
        return {label: found[label] for label in sorted(self.tracks.searched)}

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON; the boxes stay in the file of tracks."""
        return {
            "tracks": self.file and str(self.file),
            "sheet": self.sheet and str(self.sheet),
            "found": self.counted,
            "frames": self.tracks.frames,
            "failed": sorted(self.tracks.failed),
            "original": asdict(self.original),
            "detector": self.detector,
            "notices": list(map(str, self.notices)),
            "parts": self.parts.as_data(),
            "seconds": round(self.seconds, 2),
        }


def detect_clip(
    original: str | os.PathLike[str],
    plan: MaskPlan,
    *,
    tracks: str | os.PathLike[str] | None = None,
    sheet: str | os.PathLike[str] | None = None,
    clear: bool = False,
    reading: Reading | None = None,
    sections: Sections = AS_ALWAYS,
    finder: Finder | None = None,
    jobs: int = 1,
    progress: Told | None = None,
) -> Found:
    """Search all of `original` for what the dynamic masks of `plan` hide.

    `tracks` and `sheet` are new files for the tracks (JSON lines, `privmask.tracks.v1`) and for a contact sheet (PNG), both
    readable by their owner only. On the sheet what was found is hidden, unless `clear`; so are the plan's fixed masks, always.
    `finder` makes the detector (None: that of privmask's own models, which search each of the `sections` by itself). Up to
    `jobs` processes share the search of a clip of more than one section, where that is safe; it makes no difference to what is
    found. The original is only read, and proved to be as it was.
    Raises a `PrivmaskError` and writes nothing where anything is wrong or in doubt.
    """
    require_jobs(jobs)
    began, reading, told = time.perf_counter(), reading or Reading(), progress or (lambda _: None)
    plan = _to_search(plan)
    paths = [Path(path) for path in (sheet, tracks) if path is not None]
    with keep_custody(original) as custody, keep_aside(*paths, original=custody) as aside, Crew(jobs) as crew:
        try:
            search = _search(custody, crew, plan, reading, sections, finder, told)
        except LateFieldsError as late:
            reading = replace(reading, fields=late.order)
            search = _search(custody, crew, plan, reading, sections, finder, told)
        contents = [] if sheet is None else [_draw(custody, plan, search, reading, told, clear=clear)]
        contents += [] if tracks is None else [_as_file(search.tracks)]
        custody.recheck()
        aside.publish(*contents)
        return Found(
            tracks=search.tracks,
            original=custody.before,
            detector=search.card,
            notices=search.notices,
            parts=search.parts,
            file=None if tracks is None else Path(tracks),
            sheet=None if sheet is None else Path(sheet),
            seconds=time.perf_counter() - began,
        )


def _to_search(plan: MaskPlan) -> MaskPlan:
    """The plan without what is no matter of searching: what it keeps visible is found all the same, and kept when masking."""
    dynamic = tuple(mask for mask in plan.dynamic if mask.enabled and mask.model != "none")
    if not dynamic:
        raise PlanError(_NOTHING)
    return replace(plan, dynamic=dynamic, keep=())


@dataclass(frozen=True, slots=True)
class _Search:
    tracks: Tracks
    views: Views
    card: dict[str, Any]
    notices: tuple[Text, ...]
    parts: Parts


def _search(
    custody: Custody,
    crew: Crew,
    plan: MaskPlan,
    reading: Reading,
    sections: Sections,
    finder: Finder | None,
    told: Told,
) -> _Search:
    def searching(frames: int, total: int | None) -> None:
        told(Progress("searching", frames, total))

    with custody.open() as file, open_video(file, reading) as source:
        picture = source.info.picture
    fit_masks(plan, picture)  # refused here if it does not fit, before a long clip is searched
    watch, views = Watch(plan, picture, Looking(two_pass=True, apart=True, finder=finder), reading.damaged), Views()
    parts, notices = search_clip(custody, crew, watch, reading, sections, searching, views.note)
    if watch.found is None:
        raise RuntimeError("a plan with something to look for was not searched")
    tracks = replace(watch.found, original_sha256=custody.before.sha256)
    return _Search(tracks, views, watch.card(), (*notices, *_failures(tracks)), parts)


def _failures(tracks: Tracks) -> Iterator[Text]:
    count = len(tracks.failed)
    if count:
        yield _NOT_SEARCHED.with_(count=count, frames="frames" if count > 1 else "frame")


def _draw(custody: Custody, plan: MaskPlan, search: _Search, reading: Reading, told: Told, *, clear: bool) -> bytes:
    from privmask.sheet import Sheet

    with custody.open() as file, open_video(file, reading) as source:
        shown_on = {each.track: search.views.best(each) for each in search.tracks.keyed}
        sheet = Sheet(search.tracks, shown_on, source.info.picture, plan, clear=clear)
        for frame in _telling(source, told):
            sheet.look(frame)
    return sheet.as_png()


def _as_file(tracks: Tracks) -> bytes:
    from privmask.detect.trackfile import write_tracks

    file = io.BytesIO()
    write_tracks(tracks, file)
    return file.getvalue()


def _telling(source: Source, told: Told) -> Iterator[Frame]:
    for frame in source.frames():
        yield frame
        told(Progress("drawing", frame.index + 1, source.info.frames_from_header))


_NOT_SEARCHED = Text(
    "{count} コマは調べられませんでした。隠すときには、そのコマを全部隠します",
    "{count} {frames} could not be searched, to be hidden whole when the clip is masked",
)
_NOTHING = Text(
    "探すものがありません。計画に、有効で、探すことになっている [[dynamic]] がありません",
    "nothing to look for: the plan has no [[dynamic]] that is enabled and searched",
)
