"""Masks fitted to the pictures of one stream: which of them hold on a frame, and what they cover there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from privmask.errors import PlanError
from privmask.frame import Frame, Picture
from privmask.geometry import Polygon, Rotation, Size
from privmask.language import Text
from privmask.masks.cover import Cover, make_cover
from privmask.masks.kernels import Ints
from privmask.masks.laying import Fixed, lay_fixed
from privmask.masks.plan import Mask, MaskPlan, check_plan
from privmask.masks.scan import scan
from privmask.masks.schedule import Interval, check_recorded_at, has_times, holds
from privmask.masks.sifting import Patch, Sieve
from privmask.sighting import Sighting

_MOST_COVERS = 32
_ASPECT_TOLERANCE = Fraction(1, 100)

_Mix = tuple[tuple[int, ...], bool, bool]
K = TypeVar("K")
V = TypeVar("V")


class FittedMasks:
    """The enabled masks of a plan in the pictures of one stream; made by `fit_masks`.

    Seconds count from the first frame, the one with index 0, unless `zero` names its time. A frame that is asked about
    before the first one was seen has no known second: every mask holds on it. `notices` says which times lift nothing,
    and why.
    """

    def __init__(
        self,
        plan: MaskPlan,
        spans: tuple[Ints, ...],
        picture: Picture,
        recorded_at: datetime | None,
        zero: Fraction | None,
    ) -> None:
        self.masks = plan.enabled
        self.dynamic = tuple(mask for mask in plan.dynamic if mask.enabled)
        self.picture = picture
        self.notices = _notices(self.masks, recorded_at)
        self._sieve = Sieve(plan, picture)
        self._spans = spans
        self._recorded_at = recorded_at
        self._zero = zero
        self._zero_is_given = zero is not None
        self._all = tuple(range(len(self.masks)))
        self._timed = any(has_times(mask) for mask in self.masks)
        self._fixed: OrderedDict[_Mix, Fixed] = OrderedDict()
        self._covers: OrderedDict[tuple[_Mix, tuple[Patch, ...]], Cover] = OrderedDict()

    @property
    def kept(self) -> Mapping[str, int]:
        """For each `Keep` of the plan by its name, how many sightings were left visible for it so far."""
        return MappingProxyType(self._sieve.kept)

    @property
    def hides_always(self) -> bool:
        """Whether there is a fixed mask that holds at any time, so that every frame has something to hide."""
        return any(not has_times(mask) for mask in self.masks)

    def at(self, frame: Frame, sightings: Sequence[Sighting] | None = None) -> Cover:
        """What is covered on this frame; covers are kept, so that asking again costs nothing.

        `sightings` are what was found on it, `()` where a search found nothing. Raises PlanError where the plan has dynamic
        masks and nobody searched, or where it says nothing about a sighting's label; DetectorError for a box that is none.
        """
        if frame.index == 0 and not self._zero_is_given:
            self._zero = frame.start_time
        return self._cover((self._holding(frame), frame.interlaced, frame.hide_all), sightings)

    def always(self, sightings: Sequence[Sighting] | None = None, *, interlaced: bool = False) -> Cover:
        """What is covered when nobody knows the time: all fixed masks, and the sightings as in `at`."""
        return self._cover((self._all, interlaced, False), sightings)

    def _holding(self, frame: Frame) -> tuple[int, ...]:
        if not self._timed or self._zero is None:
            return self._all
        end = frame.end_time
        shown = Interval(frame.start_time - self._zero, None if end is None else end - self._zero)
        return tuple(i for i in self._all if holds(self.masks[i], shown, self._recorded_at))

    def _cover(self, mix: _Mix, sightings: Sequence[Sighting] | None) -> Cover:
        if sightings is None and self.dynamic:
            labels = ", ".join(mask.label for mask in self.dynamic)
            raise PlanError(f"dynamic: nobody searched this frame for {labels}; give its sightings, or () if there are none")
        patches = self._sieve.patches(sightings or ())
        holding, interlaced, whole = mix
        masks, spans = [self.masks[i] for i in holding], [self._spans[i] for i in holding]
        fixed = _recall(
            self._fixed, mix, lambda: lay_fixed(self.picture, masks, spans, self.dynamic, interlaced, whole=whole)
        )
        laid = () if whole else patches
        return _recall(self._covers, (mix, laid), lambda: make_cover(fixed, laid))


def _recall(kept: OrderedDict[K, V], key: K, make: Callable[[], V]) -> V:
    """The value of a key, made at most once while it is among those that were asked for last."""
    if key not in kept:
        kept[key] = make()
        if len(kept) > _MOST_COVERS:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def fit_masks(
    plan: MaskPlan, picture: Picture, recorded_at: datetime | None = None, *, zero: Fraction | None = None
) -> FittedMasks:
    """Fit a plan to the pictures of a stream.

    `recorded_at` is the wall-clock time of the first frame, with an offset, vouched for by a person; without it `valid`
    and `hours` lift no mask. `zero` is the time of the first frame, where the frames do not begin with it. Raises
    PlanError when the plan does not stand, was drawn on a picture of another shape, or holds a mask that would hide
    nothing.
    """
    check_plan(plan)
    check_recorded_at(recorded_at)
    _check_shape(plan, picture)
    spans = tuple(_spans(mask, picture) for mask in plan.enabled)
    empty = [mask.token for mask, found in zip(plan.enabled, spans, strict=True) if not len(found)]
    if empty:
        raise PlanError(*(_TOUCHES_NOTHING.with_(token=repr(token), size=picture.displayed) for token in empty))
    return FittedMasks(plan, spans, picture, recorded_at, zero)


def _spans(mask: Mask, picture: Picture) -> Ints:
    return _touched(mask.polygon, picture.size, picture.rotation, mask.invert)


@lru_cache(maxsize=64)
def _touched(polygon: Polygon, size: Size, rotation: Rotation, invert: bool) -> Ints:
    """Read-only, because they are kept: a job fits its plan more than once, and a batch for each clip."""
    spans: Ints = np.array(tuple(scan(polygon, size, rotation, invert=invert)), np.int32).reshape(-1, 3)
    spans.flags.writeable = False
    return spans


def _check_shape(plan: MaskPlan, picture: Picture) -> None:
    """Refuse pixel corners that were drawn on a picture of another shape: they would fall somewhere else."""
    if plan.frame is None:
        return
    ours = Fraction(plan.frame.width, plan.frame.height)
    shape = Fraction(picture.displayed.width, picture.displayed.height)
    turned = picture.rotation in (90, 270)
    shapes = (shape, shape / picture.sample_aspect if turned else shape * picture.sample_aspect)
    if not any(abs(ours - theirs) <= theirs * _ASPECT_TOLERANCE for theirs in shapes):
        raise PlanError(_ANOTHER_SHAPE.with_(frame=plan.frame, size=picture.displayed))


def _notices(masks: tuple[Mask, ...], recorded_at: datetime | None) -> tuple[Text, ...]:
    if recorded_at is not None:
        return ()
    dated = [mask.token for mask in masks if mask.valid or mask.hours]
    return tuple(_ALWAYS.with_(token=repr(token)) for token in dated)


_ALWAYS = Text(
    "領域 {token} は、録画の日時が指定されていないため、日付や時間帯にかかわらず常に隠します",
    "mask {token} holds on every date and at every hour: nobody said when the clip was recorded",
)
_TOUCHES_NOTHING = Text(
    "領域 {token} は、{size} の画面のどの画素にも触れません", "mask {token} touches no sample of a picture of {size}"
)
_ANOTHER_SHAPE = Text(
    "frame：計画は {frame} の画面で描かれましたが、この映像の画面は {size} で、縦横の比が違います。"
    "この映像の画面で領域を描いてください",
    "frame: the plan was drawn on a picture of {frame}, but this clip shows {size}, which has another shape; "
    "draw the zones on a picture of this clip",
)
