"""The corridor of streams: from pictures as they come to masked ones as they go, with no original to go back to.

There is no file that stays as it is, so there is no statement, no self-check, and nothing to verify. What holds is the rest:
only masked frames reach the output, in bounded memory, each after the one before, and whatever is raised on the way ends the
stream where it is. A reader that does not read makes everybody before it wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import chain, groupby

from privmask.errors import PlanError, UnsupportedFootageError
from privmask.frame import PIXEL_FORMATS, Frame, Picture
from privmask.geometry import Polygon, Size
from privmask.language import Text
from privmask.masks import FittedMasks, Mask, MaskPlan, MaskType, fit_masks, hide
from privmask.video import Moment, Piece, StreamSink
from privmask.watching import Looking, Watch

ANCHORED_FOR = 600
"""Seconds after which wall-clock time is taken anew, because a camera's clock runs a little fast or slow."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """What is hidden in a stream, and how moving things are looked for.

    `plan_of` gives the plan for pictures of a kind; corners in pixels are known only then. Where `refits` is false it holds for
    the first kind alone. `timed` says that a mask holds only at times, so that a frame has to wait until it is known when it
    ends. `recorded_at` is the wall-clock time of the first frame, None where each piece brings its own.
    """

    plan_of: Callable[[Picture], MaskPlan]
    looking: Looking
    refits: bool
    timed: bool
    recorded_at: datetime | None = None


Handed = Callable[[Moment | None], None]


class Masking:
    """Hides in the frames of a stream and gives them to `sink`, also where it breaks off and comes again.

    `handed` is called for each frame once it is masked.
    """

    def __init__(self, hiding: Hiding, sink: StreamSink, handed: Handed) -> None:
        self._hiding, self._sink, self._handed = hiding, sink, handed
        self._first: Picture | None = None
        self._zero: Fraction | None = None
        self.frames = 0

    def mask(self, pieces: Iterable[Piece]) -> None:
        """Mask all of them; raises a `PrivmaskError` at the first doubt.

        UnsupportedFootageError is one: the pictures change, and the plan cannot be fitted anew.
        """
        for _, section in groupby(pieces, key=lambda piece: id(piece.info)):
            self._section(*_peeked(section))

    def _section(self, start: Piece, pieces: Iterable[Piece]) -> None:
        picture, moment, hiding = start.info.picture, start.moment, self._hiding
        _require_refit(self._first, picture, hiding)
        self._first = self._first or picture
        self._zero = start.frame.start_time if self._zero is None or moment else self._zero
        plan, line = hiding.plan_of(picture), _Line(pieces)
        masks = _Anchored(plan, picture, self._zero, hiding.recorded_at)
        watch = Watch(plan, picture, hiding.looking, "fail")
        self._sink.begin(start.info, moment)
        for frame, sightings in watch.ahead(line.frames(), prompt=True):
            came = line.moment_of(frame)
            self._sink.write(hide(frame, masks.at(frame, came).at(frame, sightings)), came)
            self._handed(came)
            self.frames += 1


def warm_up() -> None:
    """Load what painting needs, which takes a tenth of a second, before the first frame is there to wait for it."""
    whole = Polygon(((Fraction(0), Fraction(0)), (Fraction(1, 2), Fraction(0)), (Fraction(1, 2), Fraction(1))))
    kinds: tuple[MaskType, ...] = ("Color", "Pixelated", "Blurred")
    plan = MaskPlan(tuple(Mask(kind, whole, kind) for kind in kinds))
    fit_masks(plan, Picture(Size(64, 48), PIXEL_FORMATS["yuv420p"])).always(())


def _peeked(section: Iterator[Piece]) -> tuple[Piece, Iterator[Piece]]:
    first = next(section)
    return first, chain((first,), section)


def _require_refit(first: Picture | None, now: Picture, hiding: Hiding) -> None:
    if first is not None and first.displayed != now.displayed and not hiding.refits:
        raise UnsupportedFootageError(_CHANGED.with_(was=first.displayed, now=now.displayed))


class _Line:
    """The frames of a section on their way, and when each of those that have not left yet came."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = pieces
        self._moments: dict[int, Moment | None] = {}

    def frames(self) -> Iterator[Frame]:
        for piece in self._pieces:
            self._moments[piece.frame.index] = piece.moment
            yield piece.frame

    def moment_of(self, frame: Frame) -> Moment | None:
        return self._moments.pop(frame.index)


class _Anchored:
    """Masks whose hours and dates follow the clock on the wall, also where the stream's own clock drifts away from it."""

    def __init__(self, plan: MaskPlan, picture: Picture, zero: Fraction, recorded_at: datetime | None) -> None:
        self._plan, self._picture, self._zero, self._recorded_at = plan, picture, zero, recorded_at
        self._masks: FittedMasks | None = None
        self._since = zero

    def at(self, frame: Frame, came: Moment | None) -> FittedMasks:
        """The masks for this frame."""
        if self._masks is None or (came is not None and frame.start_time - self._since > ANCHORED_FOR):
            self._masks = self._fitted(frame, came)
        return self._masks

    def _fitted(self, frame: Frame, came: Moment | None) -> FittedMasks:
        if came is None:
            return fit_masks(self._plan, self._picture, self._recorded_at, zero=self._zero)
        if any(mask.start is not None or mask.end is not None for mask in self._plan.enabled):
            raise PlanError(_NO_SECONDS)
        self._since = frame.start_time
        return fit_masks(self._plan, self._picture, came.wall, zero=frame.start_time)


_CHANGED = Text(
    "映像の途中で画面の大きさが {was} から {now} に変わりました。画素で書かれた領域は合わせ直せません。"
    "割合（0から1）で書かれた計画なら続けられます",
    "the pictures change from {was} to {now} on the way, and zones in pixels cannot be fitted to that; a plan in fractions "
    "(from 0 to 1) could",
)
_NO_SECONDS = Text(
    "start と end は映像の最初のコマからの秒数で、生の映像には使えません。hours 又は valid を使ってください",
    "start and end count from a clip's first frame, which a live stream has not; use hours or valid",
)
