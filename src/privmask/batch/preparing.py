"""From what is asked for to jobs; whatever is wrong with it is told before any work, all of it at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from privmask.batch.jobs import Job, Options
from privmask.batch.listing import Entry, Listing, read_listing
from privmask.errors import PlanError
from privmask.evidence import PROVENANCE
from privmask.evidence.names import is_ours
from privmask.language import Text
from privmask.masks import MaskPlan, load_plan
from privmask.video import container_of

PlanOf = Callable[[Path | None, str | None], MaskPlan]
"""The plan that a file and a camera's name mean, either None where nothing is said; raises PlanError."""


def plan_file(file: Path | None, camera: str | None) -> MaskPlan:
    """The plan of a file, and nothing besides."""
    if file is None:
        raise PlanError(_NO_PLAN)
    return load_plan(file, camera)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What holds for all jobs that say nothing else: the plan, the camera and the options; and the key that signs."""

    plan_of: PlanOf = plan_file
    plan: Path | None = None
    camera: str | None = None
    options: Options = field(default_factory=Options)
    key_id: str | None = None


def prepare(source: Path, out: Path | None, wishes: Wishes) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """The jobs that `source` asks for (see `listing`), their copies in `out` unless they are named, and what was left out.

    Raises PlanError with every complaint: a plan that does not stand, a clip that is not there or is a copy itself, two copies
    of one name, a copy among the originals. Nothing is written and no clip is read.
    """
    listing = read_listing(source, out)
    complaints: list[Text | str] = []
    plans = _Plans(wishes, complaints)
    jobs = []
    for number, entry in enumerate(listing.entries, 1):
        complaints += _about(entry, listing)
        plan, moment = plans.of(entry), _moment(entry, complaints)
        if plan is not None and entry.copy is not None:
            original, copy = os.path.abspath(entry.clip), os.path.abspath(entry.copy)
            jobs.append(Job(number, original, copy, plan, moment, wishes.options, wishes.key_id))
    complaints += _clashes(listing.entries)
    if complaints:
        raise PlanError(*complaints)
    return tuple(jobs), listing.skipped


class _Plans:
    """Each plan is read once, and complained about once."""

    def __init__(self, wishes: Wishes, complaints: list[Text | str]) -> None:
        self._wishes, self._complaints = wishes, complaints
        self._known: dict[tuple[Path | None, str | None], MaskPlan | None] = {}

    def of(self, entry: Entry) -> MaskPlan | None:
        key = (entry.plan or self._wishes.plan, entry.camera or self._wishes.camera)
        if key not in self._known:
            try:
                self._known[key] = self._wishes.plan_of(*key)
            except PlanError as error:
                self._known[key] = None
                place = f"{entry.where}: " if entry.where else ""
                self._complaints += [f"{place}{each}" for each in error.complaints]
        return self._known[key]


def _about(entry: Entry, listing: Listing) -> Iterator[Text]:
    """What is wrong with one entry by itself."""
    place = f"{entry.where}: " if entry.where else ""
    clip, copy = entry.clip, entry.copy
    if not os.path.isfile(clip):
        yield _NO_FILE.with_(where=place, clip=repr(str(clip)))
    if os.path.lexists(f"{clip}{PROVENANCE}"):
        yield _COPY_ALREADY.with_(where=place, clip=repr(str(clip)))
    if is_ours(clip.name):
        yield _UNFINISHED.with_(where=place, clip=repr(str(clip)))
    if copy is None:
        return
    try:
        container_of(copy)
    except PlanError as error:
        yield Text(f"{place}{error}", f"{place}{error}")
    if listing.within is not None and _resolved(copy).is_relative_to(_resolved(listing.within)):
        yield _WITHIN.with_(copy=repr(str(copy)), folder=repr(str(listing.within)))
    blocked = next((each for each in copy.parents if each.exists() and not each.is_dir()), None)
    if blocked is not None:
        yield _NO_FOLDER.with_(where=place, copy=repr(str(copy)), name=repr(str(blocked)))


def _clashes(entries: Sequence[Entry]) -> Iterator[Text]:
    """What is wrong between entries: two copies of one name, a copy that is an original."""
    originals = {_resolved(entry.clip) for entry in entries}
    first: dict[Path, Entry] = {}
    for entry in entries:
        if entry.copy is None:
            continue
        copy = _resolved(entry.copy)
        if copy in first:
            pair = {"one": repr(str(first[copy].clip)), "other": repr(str(entry.clip))}
            yield _SAME_NAME.with_(copy=repr(str(entry.copy)), **pair)
        elif copy in originals:
            yield _IS_ORIGINAL.with_(copy=repr(str(entry.copy)))
        first.setdefault(copy, entry)


def _moment(entry: Entry, complaints: list[Text | str]) -> datetime | None:
    if entry.recorded_at is None:
        return None
    try:
        moment = datetime.fromisoformat(entry.recorded_at)
    except ValueError:
        complaints.append(_NO_TIME.with_(where=entry.where, found=repr(entry.recorded_at)))
        return None
    if moment.tzinfo is None:
        complaints.append(_NO_ZONE.with_(where=entry.where, found=repr(entry.recorded_at)))
    return moment


def _resolved(path: Path) -> Path:
    """Where the name itself is, whatever links lead to its folder."""
    return Path(os.path.realpath(path.parent), path.name) if path.name else Path(os.path.realpath(path))


_NO_PLAN = Text("計画がありません", "there is no plan")
_NO_FILE = Text("{where}{clip} というファイルはありません", "{where}there is no file {clip}")
_COPY_ALREADY = Text(
    "{where}{clip} は既に複写です（来歴がそばにあります）。原本を指定してください",
    "{where}{clip} is a copy already (its statement stands beside it); name originals",
)
_UNFINISHED = Text(
    "{where}{clip} は privmask の作りかけのファイルの名前です",
    "{where}{clip} is a name of unfinished files of privmask",
)
_WITHIN = Text(
    "複写 {copy} は原本のフォルダー {folder} の中になります。別のフォルダーを -o で指定してください",
    "the copy {copy} would stand among the originals in {folder}; name another folder with -o",
)
_NO_FOLDER = Text(
    "{where}複写 {copy} は置けません。{name} はフォルダーではありません",
    "{where}the copy {copy} cannot be there: {name} is no folder",
)
_SAME_NAME = Text(
    "{one} と {other} の複写がどちらも {copy} になります。CSV の copy の欄で別の名前を付けてください",
    "{one} and {other} would both have the copy {copy}; give them names of their own in the column copy of a CSV",
)
_IS_ORIGINAL = Text("複写 {copy} は原本の1つです", "the copy {copy} is one of the originals")
_NO_TIME = Text(
    "{where}: {found} は時刻ではありません（例 2026-04-01T18:00+09:00）",
    "{where}: {found} is no time; write one such as 2026-04-01T18:00+09:00",
)
_NO_ZONE = Text(
    "{where}: {found} に時差がありません（例 2026-04-01T18:00+09:00）",
    "{where}: {found} has no time zone; write it with one, such as 2026-04-01T18:00+09:00",
)
