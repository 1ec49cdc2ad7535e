"""Checks 10 to 14 of a verification: the packets of a copy, what else is in its container, and its pictures themselves.

The only part of a verification that needs PyAV, numpy and numba. The list of what must hold is in `privmask.verifying`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from privmask.checking import PSNR_FLOOR, Findings, Watch, frame_pairs, require_empty, require_same_packets, way_of
from privmask.copying import Progress
from privmask.errors import CopyError, EvidenceError, FootageError, PlanError
from privmask.evidence import Check, Examined, Statement, failed, open_once, passed, record_of, unchecked
from privmask.frame import Frame
from privmask.locating import located
from privmask.masks import Cover, FittedMasks, Shown, fit_masks
from privmask.stated import Said
from privmask.video import Source, differing_sound, hash_packets, open_video, strange_contents

if TYPE_CHECKING:
    from privmask.detect.tracks import Tracks

Paths = str | os.PathLike[str]


def _nobody(*_: object) -> None:
    """Nobody wants to be told."""


@dataclass(slots=True)
class Pictures:
    """The pictures of a copy that is examined, and what is given to hold them against.

    `watch` is told of each frame after it was looked at, `told` of how far the work is.
    """

    examined: Examined
    statement: Statement
    original: Paths | None
    tracks: Paths | None
    watch: Watch = _nobody
    told: Callable[[Progress], None] = _nobody
    _read: Tracks | None = field(default=None, init=False)

    def checks(self) -> Iterator[Check]:
        """Checks 10 to 14."""
        yield _judge(10, self._packets)
        yield _judge(11, self._only_pictures)
        tracks = self._where_masks_were()
        yield self._zones()
        yield tracks
        yield self._rest()

    # 10
    def _packets(self) -> str:
        with self.examined.open() as file:
            found = hash_packets(file)
        if found.hidden:
            raise EvidenceError(
                f"the copy holds {found.hidden} packets that are never shown, and of which nothing is stated"
            )
        other = located(found, self.statement)
        if other:
            raise EvidenceError(other)
        count = len(found.gops)
        return f"{found.packets} packets in {count} group{'s' if count != 1 else ''}, all as stated"

    # 11
    def _only_pictures(self) -> str:
        audio = len(Said.by(self.statement).sounds)
        with self.examined.open() as file:
            strange = strange_contents(file, audio=audio)
        if strange:
            raise EvidenceError(f"the copy holds more than the statement says: {', '.join(strange)}")
        return "nothing in the file but the pictures" + (" and their sound" if audio else "")

    # 12
    def _zones(self) -> Check:
        try:
            plan = self._said().plan
        except EvidenceError as error:
            return failed(12, str(error))
        if not (plan.labels or plan.enabled):
            return unchecked(12, "it takes the file that tells where moving masks were", asked=False)
        return _judge(12, self._hidden)

    def _hidden(self) -> str:
        found, said, shown = Findings(), self._said(), Shown()
        with self._opened() as source:
            masks, unit = _fitted(said, source), source.info.time_base
            for frame in map(said.as_shown, source.frames(way_of(source, said.passed))):
                cover = masks.at(frame, said.sightings(frame))
                shown.note(frame, cover.tokens)
                if frame.passed:
                    require_empty(frame, cover)
                else:
                    found.look_inside(frame, cover, exact=said.lossless)
                self._seen(found, said, cover, frame, None)
        _settle(found)
        if found.frames != said.frames:
            raise EvidenceError(f"the copy shows {found.frames} frames, stated are {said.frames}")
        said.require_shown(shown, unit)
        return f"on all {found.frames} frames; at most {found.residual:.2f} of 255 steps off (frame {found.residual_frame})"

    # 13
    def _where_masks_were(self) -> Check:
        if self.statement.search is None:
            return passed(13, "none are stated")
        if self.tracks is None:
            return unchecked(13, "only the copy's owner has the file that tells it", asked=False)
        return _judge(13, self._same_tracks)

    def _same_tracks(self) -> str:
        from privmask.detect.trackfile import read_tracks

        assert self.tracks is not None
        stated: Any = (self.statement.search or {})["tracks_file"]
        before = _digest(self.tracks)
        if before != (stated["bytes"], stated["sha256"]):
            raise EvidenceError(f"{os.fspath(self.tracks)!r} is not the file of tracks that the statement names")
        with self._opened() as source:
            tracks = read_tracks(self.tracks, source.info.picture.displayed)
        if _digest(self.tracks) != before:
            raise EvidenceError(
                "the file of tracks changed while it was read; verify the copy again when nobody writes to it"
            )
        self._read = tracks
        return f"{len(tracks.keyed)} tracks, sha256 {stated['sha256']}"

    # 14
    def _rest(self) -> Check:
        if self.original is None:
            return unchecked(14, "the original was not given", asked=False)
        if self.statement.search is not None and self._read is None:
            return unchecked(14, "where moving masks were is not known; give the file with --tracks")
        if any(check.number == 9 and check.outcome != "PASS" for check in self.examined.checks):
            return unchecked(14, "the original that was given is not the one that is stated")
        return _judge(14, self._unaltered)

    def _unaltered(self) -> str:
        assert self.original is not None
        found, said = Findings(), self._said()
        with self._opened() as source:
            masks = _fitted(said, source)
        with self.examined.open() as file, open_once(self.original) as before:
            require_same_packets(before, said.reading, said.passed)
            for one, other in frame_pairs(before, file, said.reading, times_exact=said.times_exact, passed=said.passed):
                cover = masks.at(replace(said.as_shown(one), interlaced=other.interlaced), said.sightings(one))
                if one.passed:
                    require_empty(one, cover)
                else:
                    found.look_outside(one, other, cover, exact=said.lossless)
                self._seen(found, said, cover, other, one)
        _settle(found)
        stated: Any = self.statement.predicate["frames"]
        if found.frames != stated["in"]:
            raise EvidenceError(f"the original shows {found.frames} frames, stated are {stated['in']}")
        with self.examined.open() as file, open_once(self.original) as before:
            if (number := differing_sound(before, file, said.sounds)) is not None:
                raise EvidenceError(f"the sound is not the original's (stream {said.sounds[number]} of it)")
        if said.lossless:
            return f"on all {found.frames} frames every public sample is the original's"
        travelled = sum(each.packets for each in said.passed)
        same = f"{travelled} travelled packet by packet; of the others " if travelled else ""
        worst = f"at least {found.psnr:.1f} dB (frame {found.psnr_frame}), {PSNR_FLOOR} are needed"
        return f"on all {found.frames} frames; {same}{worst}"

    def _said(self) -> Said:
        return replace(Said.by(self.statement), tracks=self._read)

    def _seen(self, found: Findings, said: Said, cover: Cover, copy: Frame, original: Frame | None) -> None:
        found.frames += 1
        if not copy.passed:
            self.watch(found, cover, copy, original)
        self.told(Progress("checking", found.frames, said.frames))

    @contextmanager
    def _opened(self) -> Iterator[Source]:
        with self.examined.open() as file, open_video(file) as source:
            yield source


def _judge(number: int, look: Callable[[], str]) -> Check:
    """PASS with what `look` says; FAIL with the reason when it raises one of ours."""
    try:
        return passed(number, look())
    except (EvidenceError, CopyError, FootageError) as error:
        return failed(number, str(error))


def _digest(path: Paths) -> tuple[int, str]:
    with open_once(path) as file:
        found = record_of("", file.readall() or b"")
    return found.bytes, found.sha256


def _fitted(said: Said, source: Source) -> FittedMasks:
    try:
        return fit_masks(said.plan, source.info.picture, said.recorded_at)
    except PlanError as cause:
        raise EvidenceError(f"the plan in the statement does not fit the copy: {cause}") from cause


def _settle(found: Findings) -> None:
    if found.faults:
        raise EvidenceError("; ".join(found.faults))
