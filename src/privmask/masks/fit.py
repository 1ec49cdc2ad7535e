"""Masks fitted to the pictures of one stream: which of them hold on a frame, and what they cover there."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from fractions import Fraction

import numpy as np

from privmask.errors import PlanError
from privmask.frame import Frame, Picture
from privmask.masks.cover import Cover, make_cover
from privmask.masks.kernels import Ints
from privmask.masks.plan import Mask, MaskPlan, check_plan
from privmask.masks.scan import scan
from privmask.masks.schedule import Interval, check_recorded_at, has_times, holds

_MOST_COVERS = 32
_ASPECT_TOLERANCE = Fraction(1, 100)

_Key = tuple[tuple[int, ...], bool, bool]


class FittedMasks:
    """The enabled masks of a plan in the pictures of one stream; made by `fit_masks`.

    Seconds count from the first frame, the one with index 0, unless `zero` names its time. A frame that is asked about
    before the first one was seen has no known second: every mask holds on it. `notices` says which times lift nothing,
    and why.
    """

    def __init__(
        self,
        masks: tuple[Mask, ...],
        runs: tuple[Ints, ...],
        picture: Picture,
        recorded_at: datetime | None,
        zero: Fraction | None,
    ) -> None:
        self.masks = masks
        self.picture = picture
        self.notices = _notices(masks, recorded_at)
        self._runs = runs
        self._recorded_at = recorded_at
        self._zero = zero
        self._zero_is_given = zero is not None
        self._all = tuple(range(len(masks)))
        self._timed = any(has_times(mask) for mask in masks)
        self._covers: OrderedDict[_Key, Cover] = OrderedDict()

    def at(self, frame: Frame) -> Cover:
        """What is covered on this frame; covers are kept, so that asking again costs nothing."""
        if frame.index == 0 and not self._zero_is_given:
            self._zero = frame.start_time
        return self._cover(self._holding(frame), frame.interlaced, frame.hide_all)

    def always(self, *, interlaced: bool = False) -> Cover:
        """What is covered when nobody knows the time: all masks."""
        return self._cover(self._all, interlaced, False)

    def _holding(self, frame: Frame) -> tuple[int, ...]:
        if not self._timed or self._zero is None:
            return self._all
        end = frame.end_time
        shown = Interval(frame.start_time - self._zero, None if end is None else end - self._zero)
        return tuple(i for i in self._all if holds(self.masks[i], shown, self._recorded_at))

    def _cover(self, holding: tuple[int, ...], interlaced: bool, whole: bool) -> Cover:
        key = (holding, interlaced, whole)
        if key not in self._covers:
            masks, runs = [self.masks[i] for i in holding], [self._runs[i] for i in holding]
            self._covers[key] = make_cover(self.picture, masks, runs, interlaced, whole=whole)
            if len(self._covers) > _MOST_COVERS:
                self._covers.popitem(last=False)
        return self._covers[key]


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
    plan.require(())  # until moving boxes are painted, a plan that asks for them must not pass
    check_recorded_at(recorded_at)
    _check_shape(plan, picture)
    runs = tuple(_runs(mask, picture) for mask in plan.enabled)
    empty = [mask.token for mask, found in zip(plan.enabled, runs, strict=True) if not len(found)]
    if empty:
        raise PlanError(*(f"mask {token!r} touches no sample of a picture of {picture.displayed}" for token in empty))
    return FittedMasks(plan.enabled, runs, picture, recorded_at, zero)


def _runs(mask: Mask, picture: Picture) -> Ints:
    found = tuple(scan(mask.polygon, picture.size, picture.rotation, invert=mask.invert))
    return np.array(found, np.int32).reshape(-1, 3)


def _check_shape(plan: MaskPlan, picture: Picture) -> None:
    """Refuse pixel corners that were drawn on a picture of another shape: they would fall somewhere else."""
    if plan.frame is None:
        return
    ours = Fraction(plan.frame.width, plan.frame.height)
    shape = Fraction(picture.displayed.width, picture.displayed.height)
    turned = picture.rotation in (90, 270)
    shapes = (shape, shape / picture.sample_aspect if turned else shape * picture.sample_aspect)
    if not any(abs(ours - theirs) <= theirs * _ASPECT_TOLERANCE for theirs in shapes):
        raise PlanError(
            f"frame: the plan was drawn on a picture of {plan.frame}, but this clip shows {picture.displayed}, which has "
            f"another shape; draw the zones on a picture of this clip"
        )


def _notices(masks: tuple[Mask, ...], recorded_at: datetime | None) -> tuple[str, ...]:
    if recorded_at is not None:
        return ()
    dated = [mask.token for mask in masks if mask.valid or mask.hours]
    return tuple(
        f"mask {token!r} holds on every date and at every hour: nobody said when the clip was recorded" for token in dated
    )
