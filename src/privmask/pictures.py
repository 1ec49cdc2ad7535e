"""Checks 10 to 14 of a verification: the packets of a copy, what else is in its container, and its pictures themselves.

The only part of a verification that needs PyAV, numpy and numba. The list of what must hold is in `privmask.verifying`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from privmask.checking import PSNR_FLOOR, Findings, Watch, frame_pairs, require_empty, require_same_packets, way_of
from privmask.copying import Progress
from privmask.errors import CopyError, EvidenceError, FootageError, PlanError
from privmask.evidence import Check, Examined, Statement, failed, open_once, passed, record_of, unchecked
from privmask.frame import Frame
from privmask.language import Text
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
    def _packets(self) -> Text:
        with self.examined.open() as file:
            found = hash_packets(file)
        if found.hidden:
            raise EvidenceError(_NEVER_SHOWN.with_(count=found.hidden))
        other = located(found, self.statement)
        if other:
            raise EvidenceError(other)
        count = len(found.gops)
        groups = "1 group" if count == 1 else f"{count} groups"
        return _AS_STATED.with_(packets=found.packets, count=count, groups=groups)

    # 11
    def _only_pictures(self) -> Text:
        audio = len(Said.by(self.statement).sounds)
        with self.examined.open() as file:
            strange = strange_contents(file, audio=audio)
        if strange:
            raise EvidenceError(_STRANGE.with_(things=", ".join(strange)))
        return _ONLY_SOUND if audio else _ONLY_PICTURES

    # 12
    def _zones(self) -> Check:
        try:
            plan = self._said().plan
        except EvidenceError as error:
            return failed(12, error)
        if not (plan.labels or plan.enabled):
            return unchecked(12, _TAKES_TRACKS, asked=False)
        return _judge(12, self._hidden)

    def _hidden(self) -> Text:
        found, said, shown = Findings(), self._said(), Shown()
        with self._opened() as source:
            masks, unit = _fitted(said, source), source.info.time_base
            source.to_paint = False
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
            raise EvidenceError(_OTHER_COUNT.with_(found=found.frames, stated=said.frames))
        said.require_shown(shown, unit)
        return _ALL_HIDDEN.with_(frames=found.frames, off=f"{found.residual:.2f}", frame=found.residual_frame)

    # 13
    def _where_masks_were(self) -> Check:
        if self.statement.search is None:
            return passed(13, _NO_MOVING)
        if self.tracks is None:
            return unchecked(13, _OWNERS, asked=False)
        return _judge(13, self._same_tracks)

    def _same_tracks(self) -> Text:
        from privmask.detect.trackfile import read_tracks

        assert self.tracks is not None
        stated: Any = (self.statement.search or {})["tracks_file"]
        before = _digest(self.tracks)
        if before != (stated["bytes"], stated["sha256"]):
            raise EvidenceError(_OTHER_TRACKS.with_(path=repr(os.fspath(self.tracks))))
        with self._opened() as source:
            tracks = read_tracks(self.tracks, source.info.picture.displayed)
        if _digest(self.tracks) != before:
            raise EvidenceError(_TRACKS_CHANGED)
        self._read = tracks
        return _TRACKS.with_(count=len(tracks.keyed), sha256=stated["sha256"])

    # 14
    def _rest(self) -> Check:
        if self.original is None:
            return unchecked(14, _NOT_GIVEN, asked=False)
        if self.statement.search is not None and self._read is None:
            return unchecked(14, _UNKNOWN_TRACKS)
        if any(check.number == 9 and check.outcome != "PASS" for check in self.examined.checks):
            return unchecked(14, _OTHER_ORIGINAL)
        return _judge(14, self._unaltered)

    def _unaltered(self) -> Text:
        assert self.original is not None
        found, said = Findings(), self._said()
        with self._opened() as source:
            masks = _fitted(said, source)
        with self.examined.open() as file, open_once(self.original) as before:
            require_same_packets(before, said.reading, said.passed, said.container)
            both = frame_pairs(before, file, said.reading, times_exact=said.times_exact, passed=said.passed)
            with closing(both) as pairs:
                for one, other in pairs:
                    cover = masks.at(replace(said.as_shown(one), interlaced=other.interlaced), said.sightings(one))
                    if one.passed:
                        require_empty(one, cover)
                    else:
                        found.look_outside(one, other, cover, exact=said.lossless)
                    self._seen(found, said, cover, other, one)
        _settle(found)
        stated: Any = self.statement.predicate["frames"]
        if found.frames != stated["in"]:
            raise EvidenceError(_ORIGINAL_COUNT.with_(found=found.frames, stated=stated["in"]))
        with self.examined.open() as file, open_once(self.original) as before:
            if (number := differing_sound(before, file, said.sounds)) is not None:
                raise EvidenceError(_OTHER_SOUND.with_(stream=said.sounds[number]))
        if said.lossless:
            return _EXACT.with_(frames=found.frames)
        travelled = sum(each.packets for each in said.passed)
        return (_SOME_TRAVELLED if travelled else _CLOSE).with_(
            frames=found.frames,
            travelled=travelled,
            worst=f"{found.psnr:.1f}",
            frame=found.psnr_frame,
            needed=PSNR_FLOOR,
        )

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


def _judge(number: int, look: Callable[[], Text]) -> Check:
    """PASS with what `look` says; FAIL with the reason when it raises one of ours."""
    try:
        return passed(number, look())
    except (EvidenceError, CopyError, FootageError) as error:
        return failed(number, error)


def _digest(path: Paths) -> tuple[int, str]:
    with open_once(path) as file:
        found = record_of("", file.readall() or b"")
    return found.bytes, found.sha256


def _fitted(said: Said, source: Source) -> FittedMasks:
    try:
        return fit_masks(said.plan, source.info.picture, said.recorded_at)
    except PlanError as cause:
        raise EvidenceError(_NO_FIT.with_(why=cause.text or cause)) from cause


def _settle(found: Findings) -> None:
    if found.faults:
        raise EvidenceError("; ".join(found.faults))


_NEVER_SHOWN = Text(
    "複写に、表示されず、来歴にもない {count} 個のパケットがあります",
    "the copy holds {count} packets that are never shown, and of which nothing is stated",
)
_AS_STATED = Text(
    "{count} 区間の {packets} パケット、すべて来歴どおりです", "{packets} packets in {groups}, all as stated"
)
_STRANGE = Text("複写に来歴にないものが入っています：{things}", "the copy holds more than the statement says: {things}")
_ONLY_PICTURES = Text("映像のほかに何も入っていません", "nothing in the file but the pictures")
_ONLY_SOUND = Text("映像とその音声のほかに何も入っていません", "nothing in the file but the pictures and their sound")
_TAKES_TRACKS = Text("動く領域の位置を記したファイルが必要です", "it takes the file that tells where moving masks were")
_OTHER_COUNT = Text(
    "複写は {found} コマで、来歴では {stated} コマです", "the copy shows {found} frames, stated are {stated}"
)
_ALL_HIDDEN = Text(
    "全 {frames} コマで隠れています。差は 255 段階のうち最大 {off}（コマ {frame}）",
    "on all {frames} frames; at most {off} of 255 steps off (frame {frame})",
)
_NO_MOVING = Text("来歴に動く領域はありません", "none are stated")
_OWNERS = Text("その記録は複写を作った側だけが持っています", "only the copy's owner has the file that tells it")
_OTHER_TRACKS = Text(
    "{path} は来歴にある動く領域の記録ではありません", "{path} is not the file of tracks that the statement names"
)
_TRACKS_CHANGED = Text(
    "動く領域の記録が読む間に変わりました。誰も書き込まないときに検証し直してください",
    "the file of tracks changed while it was read; verify the copy again when nobody writes to it",
)
_TRACKS = Text("{count} 個の動き、sha256 {sha256}", "{count} tracks, sha256 {sha256}")
_NOT_GIVEN = Text("原本が渡されていません", "the original was not given")
_UNKNOWN_TRACKS = Text(
    "動く領域の位置が分かりません。--tracks でその記録を指定してください",
    "where moving masks were is not known; give the file with --tracks",
)
_OTHER_ORIGINAL = Text(
    "渡された原本は、来歴にある原本ではありません", "the original that was given is not the one that is stated"
)
_ORIGINAL_COUNT = Text(
    "原本は {found} コマで、来歴では {stated} コマです", "the original shows {found} frames, stated are {stated}"
)
_OTHER_SOUND = Text(
    "音声が原本のものではありません（原本のストリーム {stream}）",
    "the sound is not the original's (stream {stream} of it)",
)
_EXACT = Text(
    "全 {frames} コマで、隠した所の外は原本と一致します", "on all {frames} frames every public sample is the original's"
)
_CLOSE = Text(
    "全 {frames} コマで {worst} dB 以上（コマ {frame}）。必要なのは {needed} です",
    "on all {frames} frames; at least {worst} dB (frame {frame}), {needed} are needed",
)
_SOME_TRAVELLED = Text(
    "全 {frames} コマのうち {travelled} コマは原本のパケットのまま、ほかは {worst} dB 以上（コマ {frame}）。"
    "必要なのは {needed} です",
    "on all {frames} frames; {travelled} travelled packet by packet; of the others at least {worst} dB (frame {frame}),"
    " {needed} are needed",
)
_NO_FIT = Text("来歴にある計画が複写に合いません：{why}", "the plan in the statement does not fit the copy: {why}")
