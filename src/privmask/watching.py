"""The corridor of looking: what has to be hidden on each frame of a clip because of what is seen there.

Detectors find it, a person marks it in a file of tracks, or both. What was hidden is remembered, frame by frame, so that the
copy can be checked against it and its owner can prove it later. A plan without moving masks goes through here unchanged, and
loads nothing of the detectors' room.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from privmask import watching_words as words
from privmask.errors import PlanError
from privmask.evidence import Content, FileRecord, open_once, record_of
from privmask.frame import Frame, Picture
from privmask.geometry import Box
from privmask.hearing import Heard, Retired, telling, unheard
from privmask.language import Text
from privmask.masks import Follow, MaskPlan
from privmask.seen import Seen
from privmask.sighting import Label, Sighting
from privmask.staying import surely_kept

if TYPE_CHECKING:
    from privmask.detect import Ask, Detector
    from privmask.detect.detector import Renewable
    from privmask.detect.finds import Finds
    from privmask.detect.follow import Hold
    from privmask.detect.tracks import Tracks

Watched: TypeAlias = tuple[Frame, tuple[Sighting, ...]]
Finder: TypeAlias = "Callable[[Picture, Sequence[Ask]], Detector]"

SMALLEST = 16
"""Height in samples of the smallest face or plate that is searched for, unless the plan says another."""

_PARTS = 4
"""Sides of boxes lie on quarters of a sample, which any file of tracks gives back exactly."""


@dataclass(frozen=True, slots=True)
class Looking:
    """How what moves is looked for.

    `tracks` is a file of tracks, made by `privmask detect` or by hand, whose boxes are hidden as well; labels that it says were
    searched are not searched again; with `named` it has to say which clip it is of. With `two_pass` the whole clip is searched
    before the first frame is masked, in sections that several processes may share, and with `apart` its tracks end where they
    may go on as another person. `finder` makes the detector (None: that of privmask's own models).
    """

    two_pass: bool = False
    apart: bool = False
    tracks: str | os.PathLike[str] | None = None
    named: bool = False
    finder: Finder | None = None


class Watch:
    """The frames of one clip with what has to be hidden on each; for each time a clip is masked, a new one.

    `seen` remembers what was hidden, without the tracks that are kept visible; `given` is the file of tracks that was given.
    `asks` are what is searched by privmask's own models, so that another process can do so as well.
    Raises PlanError where the plan hides labels that nobody searches for, or a file of tracks does not stand, and DetectorError
    where a detector cannot be made. A detector that fails on a frame ends the job, or with `failing="hide"` hides it whole.
    """

    def __init__(self, plan: MaskPlan, picture: Picture, looking: Looking, failing: Literal["fail", "hide"]) -> None:
        self.seen = Seen(picture.displayed)
        self._follow, self._picture, self._failing = plan.follow, picture, failing
        self._two_pass, self._apart, self._named = looking.two_pass, looking.apart, looking.named
        self._keep = plan.keep
        self._kept_tracks = {keep.track for keep in plan.keep}
        self._found: Tracks | None = None
        self._given = _given(looking, picture)
        self.given = None if looking.tracks is None else _record(looking.tracks)
        _require_numbers(plan, self._given)
        asks = _asks(plan, self._given)
        self._detector = _made(asks, plan, picture, looking) if asks else None
        self.asks = tuple(asks) if looking.finder is None else ()
        self.labels = plan.labels

    @property
    def searches_first(self) -> bool:
        """Whether `search` comes before `over`."""
        return self._two_pass and self._detector is not None

    @property
    def notices(self) -> tuple[Text, ...]:
        """What a person should be told about the search."""
        if self._detector is None:
            return ()
        return (words.found_tracks(self.seen.counted()),)

    @property
    def looks(self) -> bool:
        """Whether there is anything to look for; if not, every frame has no sightings."""
        return bool(self.labels or self._given)

    @property
    def detector_looked(self) -> bool:
        """Whether a detector was needed at all."""
        return self._detector is not None

    @property
    def found(self) -> Tracks | None:
        """The tracks of the whole clip, after `search`."""
        return self._found

    @property
    def knows_ahead(self) -> bool:
        """Whether it is known before a frame is decoded what has to be hidden on it: nobody looks, or somebody has."""
        return self._detector is None or self._found is not None

    def card(self) -> dict[str, Any]:
        """The detector's own word on what searches, and how; empty where nothing is searched."""
        return self._detector.card() if self._detector else {}

    def search(self, frames: Iterable[Frame], begins: Callable[[int], bool], heard: Heard = unheard) -> None:
        """The first of two passes: search all frames, and keep none of them.

        privmask's own models begin anew with each frame whose pts `begins` a section. `heard` is told what was found.
        """
        if self._detector:
            from privmask.detect.follow import search
            from privmask.detect.sectioned import InSections

            own = cast("Renewable", self._detector)
            detector = InSections(own, begins) if self.asks else self._detector
            self.link((search(frame, detector, self._failing) for frame in frames), detector.card, heard)

    def link(self, finds: Iterable[Finds], card: Callable[[], dict[str, Any]], heard: Heard = unheard) -> None:
        """The same of all frames that were searched, by whomever; `card` says afterwards who did, and how."""
        if self._detector:
            from privmask.detect.twopass import link_finds

            labels, hold, size = self._detector.labels, _hold(self._follow), self._picture.displayed
            self._found = link_finds(telling(finds, heard), labels, hold, size, apart=self._apart)
            self._detector = Retired(labels, card())

    def over(self, frames: Iterable[Frame]) -> Iterator[Watched]:
        """The frames in their order, each with its sightings; some seconds late where a detector looks ahead of them."""
        for frame, exact in self.ahead(frames):
            if self.looks:
                self.seen.note(frame, (each for each in exact if each.track not in self._kept_tracks))
            yield frame, exact

    def ahead(self, frames: Iterable[Frame], *, prompt: bool = False) -> Iterator[Watched]:
        """The same, and nothing is remembered; frames that were not decoded may come, where it is known ahead.

        With `prompt` no frame waits for the next one to come.
        """
        watched: Iterable[Watched] = self._followed(frames, prompt=prompt)
        if self._given:
            watched = self._given.beside(watched)
        for frame, sightings in watched:
            yield frame, tuple(_exact(each) for each in surely_kept(sightings, self._kept_tracks))

    def require_of(self, original: FileRecord) -> None:
        """Raise PlanError where the file of tracks says that it is of another original."""
        said = self._given.original_sha256 if self._given else None
        if self._named and self._given and said is None:
            raise PlanError(words.UNNAMED)
        if said not in (None, original.sha256):
            told = {"name": repr(original.name), "said": said, "sha256": original.sha256}
            raise PlanError(words.ANOTHER_CLIP.with_(**told))

    def require_kept(self, kept: Mapping[str, int]) -> None:
        """Raise PlanError for what was to be left visible and never came, once all frames are through."""
        missed = [keep.name for keep in self._keep if not kept[keep.name]]
        if missed:
            raise PlanError(*(words.MATCHED_NOTHING.with_(name=repr(name)) for name in missed))

    def file(self) -> Content | None:
        """A file of tracks that says what was hidden on each frame: its owner's, because it tells where people were."""
        return self.seen.as_file(self._searched) if self.looks else None

    def as_data(self, kept: Mapping[str, int]) -> dict[str, Any]:
        """How it was looked, for the statement; no place and no time of anything that was seen."""
        return {
            "labels": sorted(self._searched),
            "passes": 2 if self.searches_first else 1,
            "detector": self._detector.card() if self._detector else None,
            "frames": self.seen.frames if self._detector else 0,
            "tracks": self.seen.counted(),
            "kept": [{"name": each.name, "reason": each.reason, "frames": kept[each.name]} for each in self._keep],
        }

    @property
    def _searched(self) -> frozenset[Label]:
        """The labels that somebody has searched for, now or before."""
        by_given = self._given.searched if self._given else frozenset()
        return by_given | (self._detector.labels if self._detector else frozenset())

    def _followed(self, frames: Iterable[Frame], *, prompt: bool) -> Iterable[Watched]:
        if self._found is not None:
            return self._found.along(frames)
        if self._detector:
            from privmask.detect.follow import follow

            hold = _hold(self._follow)
            size = self._picture.displayed
            return follow(frames, self._detector, hold, size, failing=self._failing, prompt=prompt)
        return ((frame, ()) for frame in frames)


def _given(looking: Looking, picture: Picture) -> Tracks | None:
    if looking.tracks is None:
        return None
    from privmask.detect.trackfile import read_tracks

    return read_tracks(looking.tracks, picture.displayed)


def _record(path: str | os.PathLike[str]) -> FileRecord:
    with open_once(path) as file:
        return record_of(os.path.basename(path), file.readall() or b"")


def _asks(plan: MaskPlan, given: Tracks | None) -> list[Ask]:
    """What has to be searched: each label of the plan that nobody searched for yet."""
    searched = given.searched if given else frozenset()
    unsearched = [mask for mask in plan.dynamic if mask.enabled and mask.label not in searched]
    wanted = [(mask, mask.model) for mask in unsearched if mask.model != "none"]
    if given is None and len(wanted) < len(unsearched):
        raise PlanError(words.NO_TRACKS)
    if not wanted:
        return []
    from privmask.detect import Ask

    return [Ask(mask.label, mask.min_size or SMALLEST, model) for mask, model in wanted]


def _require_numbers(plan: MaskPlan, given: Tracks | None) -> None:
    """Refuse to keep a track by its number where no file gives numbers: a detector's are not known before."""
    numbers = {each.track for each in given.keyed} if given else set()
    doubtful = given.doubtful if given else frozenset()
    asked = [(keep.name, keep.track) for keep in plan.keep if keep.track is not None]
    wrong = [words.NO_TRACK.with_(name=repr(name), track=each) for name, each in asked if each not in numbers]
    wrong += [words.DOUBTFUL.with_(name=repr(name), track=each) for name, each in asked if each in doubtful]
    if wrong:
        raise PlanError(*wrong)


def _made(asks: Sequence[Ask], plan: MaskPlan, picture: Picture, looking: Looking) -> Detector:
    from privmask.detect import make_detector

    detector = (looking.finder or make_detector)(picture, asks)
    missing = [ask.label for ask in asks if ask.label not in detector.labels]
    if missing:
        plan.require(detector.labels)
        raise PlanError(words.NOT_FINDABLE.with_(labels=", ".join(missing)))
    return detector


def _hold(follow: Follow) -> Hold:
    from privmask.detect.follow import Hold

    return Hold(follow.look_ahead, follow.hold)


def _exact(sighting: Sighting) -> Sighting:
    """The sighting with its box grown to quarters of a sample."""
    box = sighting.box
    left, top = floor(box.left * _PARTS) / _PARTS, floor(box.top * _PARTS) / _PARTS
    right, bottom = ceil(box.right * _PARTS) / _PARTS, ceil(box.bottom * _PARTS) / _PARTS
    return Sighting(sighting.track, sighting.label, Box(left, top, right, bottom))
