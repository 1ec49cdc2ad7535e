"""The corridor of looking again: a finished copy is decoded and held against its masks and its original.

A copy passes when it has the original's frames at the original's times, when every zone is hidden on every frame, and
when nothing else was changed but by the encoder's loss. Two rulers are used, and each tells something that the other
cannot. Inside, hiding a hidden zone again must change nothing (`residual`): that needs no original, so a recipient can
do it too. Outside, the samples are compared with the original's (`compare`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from itertools import zip_longest
from math import inf
from typing import Any, TypeAlias

from privmask.errors import CopyError
from privmask.frame import Frame
from privmask.masks import Cover, FittedMasks, compare, residual, worst_cell
from privmask.seen import Seen
from privmask.video import Reading, Route, Source, VideoInfo, hash_travelling, open_video

PSNR_FLOOR = 32.0
"""dB outside the masks, in the worst plane of the worst frame. Below it a viewer would see a loss."""

APART_CEILING = 40.0
"""Mean difference, in steps of 8 bits, of the worst 16x16 cell outside the masks from the original. A small thing that was
painted over is lost in the loss of a whole picture; encoders stay below 30 as they are set here, mostly below 6."""

CELL_CEILING = 8.0
"""Mean difference, in steps of 8 bits, of the worst 16x16 cell inside the masks from what hiding paints there."""

MEAN_CEILING = 3.0
"""The same over all that is hidden in a plane: it tells dark private parts from a dark fill. Encoders stay below 1."""

MILLISECOND = Fraction(1, 1000)


@dataclass(slots=True)
class Findings:
    """The worst that was seen, frame by frame. `psnr` is in dB, `residual` in steps of 8 bits; frames count from 0.

    `residual_place` is the row and column, in luma samples of the coded picture, where the worst residual begins.
    """

    frames: int = 0
    psnr: float = inf
    psnr_frame: int = 0
    residual: float = 0.0
    residual_frame: int = 0
    residual_place: tuple[int, int] = (0, 0)
    faults: list[str] = field(default_factory=list)

    def look_inside(self, copy: Frame, cover: Cover, *, exact: bool) -> None:
        """Note how far the hidden samples of `copy` are from its own hiding."""
        found = residual(copy, cover)
        worst, step = found.worst, 1 << (copy.format.depth - 8)
        cell, mean = worst.worst / step, max(plane.mean for plane in found.planes) / step
        if cell > self.residual:
            self.residual, self.residual_frame = cell, copy.index
            self.residual_place = worst.row, worst.column
        if (exact and not found.exact) or cell > CELL_CEILING or mean > MEAN_CEILING:
            self.fault(copy, f"a zone is not hidden near row {worst.row}, column {worst.column}")

    def look_outside(self, original: Frame, copy: Frame, cover: Cover, *, exact: bool) -> None:
        """Note how far the public samples of `copy` are from the original's."""
        found = compare(original, copy, cover)
        if found.psnr < self.psnr:
            self.psnr, self.psnr_frame = found.psnr, copy.index
        if exact and not found.exact:
            self.fault(copy, "samples outside the masks differ, and the copy is said to be lossless")
        elif found.psnr < PSNR_FLOOR:
            self.fault(
                copy, f"outside the masks only {found.psnr:.1f} dB are left, at least {PSNR_FLOOR} dB are needed"
            )
        elif found.greatest > APART_CEILING:  # else no cell can be
            worst = worst_cell(original, copy, cover)
            if worst.steps > APART_CEILING:
                apart = f"{worst.steps:.0f} of 255 steps on average, at most {APART_CEILING:.0f} are an encoder's loss"
                self.fault(
                    copy, f"outside the masks it was changed near row {worst.row}, column {worst.column}: {apart}"
                )

    def join(self, later: Findings) -> None:
        """Add what was found on the frames after these."""
        self.frames += later.frames
        if later.psnr < self.psnr:
            self.psnr, self.psnr_frame = later.psnr, later.psnr_frame
        if later.residual > self.residual:
            self.residual, self.residual_frame = later.residual, later.residual_frame
            self.residual_place = later.residual_place
        self.faults.extend(later.faults)

    def fault(self, frame: Frame, what: str) -> None:
        """Note a fault, with its place; a few are enough."""
        if len(self.faults) < 10:
            self.faults.append(f"frame {frame.index} ({float(frame.start_time):.3f} s): {what}")


@dataclass(frozen=True, slots=True)
class PassedGroup:
    """A group of pictures of a copy that travelled as it is: its first frame's number and time (seconds after the clip's
    first), how many packets, which are as many frames, and their SHA-256.
    """

    frame: int
    start: Fraction
    packets: int
    sha256: str

    @property
    def span(self) -> tuple[int, int]:
        """The numbers of its frames, [start, stop)."""
        return self.frame, self.frame + self.packets


Watch: TypeAlias = Callable[[Findings, Cover, Frame, Frame | None], None]
"""Told of each frame of a copy that was looked at: what was found up to it, what is hidden on it, and the frame; and the
original's frame, where both were compared. It must not change them, and may keep them."""


Walk: TypeAlias = Callable[[Source, Source], tuple[Iterator[Frame], Iterator[Frame]]]
"""The frames to take of an original and of its copy."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What the check of a copy found, as texts that may stand in a signed statement."""

    frames: int
    exact: bool
    worst_psnr: str
    worst_psnr_frame: int
    worst_residual: str
    worst_residual_frame: int

    def as_data(self) -> dict[str, Any]:
        """Plain data without floats."""
        return asdict(self)

    @classmethod
    def of(cls, found: Findings, *, exact: bool) -> SelfCheck:
        """The check that gave these findings."""
        psnr = "inf" if found.psnr == inf else f"{found.psnr:.2f}"
        return cls(found.frames, exact, psnr, found.psnr_frame, f"{found.residual:.2f}", found.residual_frame)


def check_copy(
    original: io.RawIOBase,
    copy: io.RawIOBase,
    masks: FittedMasks,
    *,
    seen: Seen | None = None,
    reading: Reading,
    exact: bool,
    times_exact: bool = True,
    passed: Sequence[PassedGroup] = (),
    container: str = "mp4",
    told: Callable[[int], None] = lambda _: None,
) -> SelfCheck:
    """Decode both files and compare them frame by frame; raise CopyError, with the places, where the copy does not pass.

    `seen` is what was hidden on each frame besides the plan's zones, if anything was looked for. `exact` asks for every public
    sample as it was; `times_exact` is false for containers that round to milliseconds. What has `passed` as it
    is, is not decoded: its packets are held against the original's, as a copy in that `container` has them. `told` is called
    with the number of frames looked at.
    """
    require_same_packets(original, reading, passed, container)

    def cover_of(frame: Frame) -> Cover:
        return masks.at(*(seen.again(frame) if seen else (frame,)))

    with closing(frame_pairs(original, copy, reading, times_exact=times_exact, passed=passed)) as pairs:
        return SelfCheck.of(look_over(pairs, cover_of, exact=exact, told=told), exact=exact)


def look_over(
    pairs: Iterable[tuple[Frame, Frame]],
    cover_of: Callable[[Frame], Cover],
    *,
    exact: bool,
    told: Callable[[int], None],
) -> Findings:
    """Compare frames of an original and its copy; raise CopyError, with the place, at the first that does not pass."""
    found = Findings()
    for before, after in pairs:
        cover = cover_of(before)
        if before.passed:
            require_empty(before, cover)
        else:
            found.look_inside(after, cover, exact=exact)
            found.look_outside(before, after, cover, exact=exact)
        if found.faults:
            raise CopyError(f"the copy did not pass its own check and was thrown away; {found.faults[0]}")
        found.frames += 1
        told(found.frames)
    return found


def require_empty(frame: Frame, cover: Cover) -> None:
    """Raise CopyError where something has to be hidden on a frame that travelled as it is."""
    if not cover.is_empty:
        at = f"frame {frame.index} ({float(frame.start_time):.3f} s)"
        raise CopyError(f"{at}: it travelled as it is in the original, and something has to be hidden on it")


def require_same_packets(
    original: io.RawIOBase, reading: Reading, passed: Sequence[PassedGroup], container: str
) -> None:
    """Raise CopyError unless the groups that `passed` are the original's, by the hashes of packets; nothing is decoded.

    `container` is that of the copy, as `Writing` names it.
    """
    spans = [each.span for each in passed]
    found = list(hash_travelling(original, reading.stream, spans, container)) if passed else []
    for each, sha256 in zip(passed, found, strict=True):
        if each.sha256 != sha256:
            raise CopyError(
                f"the pictures from {float(each.start):.1f} s on (frames {each.frame} to {each.span[1] - 1}) are said to have"
                " travelled as they are, and they are not the original's"
            )


def way_of(source: Source, passed: Sequence[PassedGroup]) -> Route | None:
    """The way of a clip's frames, if groups of it have `passed` as they are."""
    return source.survey().through([each.span for each in passed]) if passed else None


def frame_pairs(
    original: io.RawIOBase,
    copy: io.RawIOBase,
    reading: Reading,
    *,
    times_exact: bool,
    passed: Sequence[PassedGroup] = (),
    walk: Walk | None = None,
) -> Generator[tuple[Frame, Frame], None, None]:
    """Each frame of the original with that of the copy; raises CopyError where one is missing or has another time or shape.

    To be closed, which ends both decoders: whoever holds an error would else keep them waiting. Frames that `passed` as they
    are come undecoded. `walk` says which frames of the two to take, if not all.
    """
    with open_video(original, reading) as source, open_video(copy) as copied:
        _require_same_display(source.info, copied.info)
        tolerance = Fraction(0) if times_exact else MILLISECOND
        source.to_paint = copied.to_paint = False
        whole = source.frames(way_of(source, passed)), copied.frames(way_of(copied, passed))
        frames = walk(source, copied) if walk else whole
        for before, after in zip_longest(*frames):
            if before is None or after is None:
                raise CopyError(f"the copy has {'more' if before is None else 'fewer'} frames than the original")
            if abs(before.start_time - after.start_time) > tolerance:
                times = f"{float(after.start_time):.6f} s instead of {float(before.start_time):.6f} s"
                raise CopyError(f"frame {before.index} of the copy appears at {times}")
            yield before, after


def _require_same_display(ours: VideoInfo, theirs: VideoInfo) -> None:
    """The same samples are another picture where they are turned, stretched or coloured otherwise."""
    one, other = ours.picture, theirs.picture
    if one.displayed != other.displayed:
        raise CopyError(f"the copy shows {other.displayed}, the original {one.displayed}")
    turned = [f"turned by {each.rotation}, samples {each.sample_aspect} as wide as high" for each in (one, other)]
    if turned[0] != turned[1]:
        raise CopyError(f"the copy is shown {turned[1]}, the original {turned[0]}")
    colors = [
        f"{each.picture.range} range, matrix {each.picture.matrix}, primaries {each.color.primaries}, transfer"
        f" {each.color.transfer}"
        for each in (ours, theirs)
    ]
    if colors[0] != colors[1]:
        raise CopyError(f"the copy's colours are shown as {colors[1]}, the original's as {colors[0]}")
