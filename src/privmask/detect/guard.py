"""A wall around a detector: what fails, hangs or answers nonsense ends in one kind of error, with the frame's number."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from math import isfinite
from typing import Any, Protocol, TypeVar

from privmask.detect.detector import Detection, Detector, Renewable
from privmask.errors import DetectorError
from privmask.frame import Frame, Picture
from privmask.sighting import Label

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that a detector may take for one frame; a thousand times what one takes on a slow machine."""

LAST_FRAME = 10.0
"""Seconds that an interrupted program waits for the frame that is being searched."""

MOST_FOUND = 1000
"""Detections that one frame may have; more is a detector gone mad, and would slow everything after it."""


class Watch(Protocol):
    """Calls and waits."""

    def __call__(self, call: Callable[[], T], seconds: float) -> T:
        """The result of `call`, or what it raises; raises TimeoutError when it takes longer than `seconds`."""


def within(call: Callable[[], T], seconds: float) -> T:
    """The result of `call`, run in a daemon thread, so that one that hangs forever keeps no program from ending."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:  # raised again in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name="privmask-detect", daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    except KeyboardInterrupt:
        thread.join(LAST_FRAME)  # Python must not end under ONNX Runtime, which would abort the program
        raise
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]


class Guarded:
    """`detector`, trusted with nothing: raises DetectorError naming the frame where it raises, hangs or answers nonsense.

    Once it hung it is not asked again: its thread may still be at work on what it shares.
    """

    def __init__(
        self, detector: Detector, picture: Picture, *, patience: float = PATIENCE, watch: Watch = within
    ) -> None:
        self._detector = detector
        self._picture = picture
        self._patience = patience
        self._watch = watch
        self._hung: int | None = None

    @property
    def labels(self) -> frozenset[Label]:
        """The labels that it searches for."""
        return self._detector.labels

    def card(self) -> dict[str, Any]:
        """What searched, and how, for the statement."""
        return self._detector.card()

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """What is found on this frame, each box with something in the picture."""
        self._check_asking(frame)
        try:
            found = self._watch(lambda: tuple(self._detector.detect(frame)), self._patience)
        except TimeoutError as cause:
            self._hung = frame.index
            raise DetectorError(
                f"frame {frame.index}: the detector did not answer within {self._patience:g} s"
            ) from cause
        except Exception as cause:  # a foreign detector may raise anything
            raise DetectorError(f"frame {frame.index}: the detector failed: {_told(cause)}") from cause
        self._check_answer(frame, found)
        return found

    def _check_asking(self, frame: Frame) -> None:
        if self._hung is not None:
            raise DetectorError(f"frame {frame.index}: the detector hangs since frame {self._hung}")
        if (frame.size, frame.format) != (self._picture.size, self._picture.format):
            raise DetectorError(
                f"frame {frame.index}: its picture is {frame.size} {frame.format.name}, "
                f"the detector was made for {self._picture.size} {self._picture.format.name}"
            )

    def _check_answer(self, frame: Frame, found: tuple[Detection, ...]) -> None:
        if len(found) > MOST_FOUND:
            raise DetectorError(f"frame {frame.index}: the detector found {len(found)} things; {MOST_FOUND} may be")
        wrong = next(filter(None, map(self._fault, found)), None)
        if wrong:
            raise DetectorError(f"frame {frame.index}: the detector answered {wrong}")

    def _fault(self, found: Detection) -> str | None:
        """What is wrong with a detection, or None."""
        if found.label not in self.labels | {"vehicle"}:
            return f"a label that it does not have, {found.label!r}"
        box, shown = found.box, self._picture.displayed
        if not all(map(isfinite, (box.left, box.top, box.right, box.bottom, found.score))):
            return "with something that is no number"
        if not 0 <= found.score <= 1:
            return f"a score of {found.score:g}"
        if box.left >= box.right or box.top >= box.bottom:
            return f"a box of {box.right - box.left:g}x{box.bottom - box.top:g} samples"
        if box.right <= 0 or box.bottom <= 0 or box.left >= shown.width or box.top >= shown.height:
            return f"a box off the picture of {shown}, at {box.left:g},{box.top:g}"
        return None


class GuardedSearch(Guarded):
    """The same around a detector that can begin anew."""

    def __init__(self, detector: Renewable, picture: Picture) -> None:
        super().__init__(detector, picture)
        self._renewable = detector

    def anew(self) -> GuardedSearch:
        """The same detector, as if no frame had come yet; one that hangs still does."""
        fresh = copy(self)
        fresh._detector = fresh._renewable = self._renewable.anew()
        return fresh


def _told(cause: Exception) -> str:
    return str(cause) if isinstance(cause, DetectorError) else type(cause).__name__
