"""Pictures are not those that were made: zones lifted, moved or left out, and things changed that no zone is over."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from privmask.frame import Frame
from privmask.masks import MaskPlan
from tests.tampering.copies import DOOR, PLAN, WINDOW, plan_of, repaint, shifted
from tests.tampering.scene import Scene
from tests.tampering.vectors import insider, outsider
from tests.tampering.wrapping import gops_of, parts_of, wrap

_SECOND = "pictures changed between 4.0 s and 8.0 s"


def _only_in_second_group(forge: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """The forged pictures of the second group, all others those of the good copy."""

    def tamper(scene: Scene) -> None:
        first, _, third = gops_of(parts_of(scene.copy))
        good = shutil.copy(scene.copy, scene.folder / "good.mp4")
        forge(scene)
        forged = gops_of(parts_of(scene.copy))[1]
        shutil.copy(good, scene.copy)
        wrap(scene.copy, first + forged + third)

    tamper.__name__ = forge.__name__
    return tamper


@outsider(10, _SECOND)
@insider(12, "frame 25 (5.000 s): a zone is not hidden")
@_only_in_second_group
def unmasked_frames_put_back(scene: Scene) -> None:
    repaint(scene, lambda frame: None if 25 <= frame.index < 30 else PLAN)


@outsider(10, _SECOND)
@insider(12, "frame 31 (6.200 s): a zone is not hidden")
@_only_in_second_group
def a_zone_lifted_for_one_frame(scene: Scene) -> None:
    repaint(scene, lambda frame: MaskPlan((DOOR,)) if frame.index == 31 else PLAN)


@outsider(10, _SECOND)
@insider(12, "frame 20 (4.000 s): a zone is not hidden")
@_only_in_second_group
def a_zone_shifted_by_8_samples(scene: Scene) -> None:
    repaint(scene, lambda _: MaskPlan((shifted(WINDOW, 8), DOOR)))


@insider(12, "frame 0 (0.000 s): a zone is not hidden", "film", "lossless", "jpeg", "png")
def a_zone_left_out(scene: Scene) -> None:
    repaint(scene, lambda _: MaskPlan((DOOR,)))


@insider(12, "frame 35 (7.000 s): a zone is not hidden", "lossless")
def a_zone_lifted_before_its_time(scene: Scene) -> None:
    repaint(scene, lambda frame: MaskPlan((WINDOW, DOOR) if 20 <= frame.index < 35 else (WINDOW,)))


def _patch(frame: Frame, row: int, column: int, side: int, value: int) -> None:
    frame.planes[0].visible[row : row + side, column : column + side] = value


@insider(14, "frame 25 (5.000 s)", "film", "matroska", original=True)
def somebody_painted_over_for_five_frames(scene: Scene) -> None:
    repaint(scene, retouch=lambda frame: _patch(frame, 76, 8, 16, 16) if 25 <= frame.index < 30 else None)


@insider(14, "near row 320, column 48", "street", original=True)
def a_small_thing_painted_over_in_a_large_picture(scene: Scene) -> None:
    """Thirty-two samples of 1280 x 720: in the figures of the whole picture it is lost."""
    repaint(scene, retouch=lambda frame: _patch(frame, 300, 40, 32, 235) if frame.index == 3 else None)


@insider(14, "near row 304, column 48", "street", original=True)
def a_small_thing_coloured_otherwise_in_a_large_picture(scene: Scene) -> None:
    def colour(frame: Frame) -> None:
        frame.planes[1].visible[150:166, 20:36] = 240

    repaint(scene, retouch=lambda frame: colour(frame) if frame.index == 3 else None)


@insider(14, "frame 50 (10.000 s)", "lossless", original=True)
def one_sample_changed_by_one_step(scene: Scene) -> None:
    def touch(frame: Frame) -> None:
        frame.planes[0].visible[90, 100] ^= 1

    repaint(scene, lambda _: plan_of("lossless"), lambda frame: touch(frame) if frame.index == 50 else None)


@insider(12, "a zone is not hidden", "moving")
def moving_masks_never_painted(scene: Scene) -> None:
    repaint(scene)


@insider(14, "frame 0 (0.000 s)", original=True)
def something_public_hidden_by_a_zone_that_is_not_stated(scene: Scene) -> None:
    repaint(scene, lambda _: MaskPlan((WINDOW, DOOR, replace(shifted(WINDOW, -32), token="evidence"))))


@insider(12, "not hidden")
def a_copy_with_loss_said_to_have_none(scene: Scene) -> None:
    scene.edit(lambda said: said["encoder"].update(lossless=True))


@insider(12, "shown at other times than the statement says")
def a_zone_said_to_be_shown_for_a_second_only(scene: Scene) -> None:
    scene.edit(lambda said: said["masks"][0].update(shown=[["0", "1"]]))


@insider(14, "frame 31 (6.200 s)", original=True)
def a_picture_frozen(scene: Scene) -> None:
    held: list[Any] = []

    def freeze(frame: Frame) -> None:
        if frame.index == 30:
            held.extend(plane.visible.copy() for plane in frame.planes)
        if 30 < frame.index < 40:
            for plane, still in zip(frame.planes, held, strict=True):
                plane.visible[:] = still

    repaint(scene, retouch=freeze)
