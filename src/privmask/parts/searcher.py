"""A worker that searches sections of a clip, each as if it were the whole."""

from __future__ import annotations

from collections.abc import Callable

from privmask.detect import make_detector
from privmask.detect.detector import Renewable
from privmask.detect.follow import search
from privmask.detect.models import bound_threads
from privmask.errors import FootageError, LateFieldsError
from privmask.evidence.files import OffsetReader
from privmask.frame import Picture
from privmask.language import Text
from privmask.parts.orders import FoundOn, Looked, Order, SearchBrief, Searched
from privmask.video import open_video

_AT_ONCE = 32
"""Frames whose finds go over the wire together."""


class Searcher:
    """Searches the sections of one clip, with the same models. `say` is told what is found meanwhile."""

    def __init__(self, brief: SearchBrief, say: Callable[[Looked], None]) -> None:
        self._brief, self._say = brief, say
        self._detector: Renewable | None = None
        bound_threads(brief.reading.threads)

    def do(self, order: Order, _told: Callable[[int], None]) -> Searched:
        """Search a section. Raises what decoding and detectors raise, and LateFieldsError where it turns interlaced."""
        brief = self._brief
        waiting: list[FoundOn] = []
        with OffsetReader(*brief.original, FootageError) as file, open_video(file, brief.reading) as source:
            source.to_paint = False
            detector = self._anew(source.info.picture)
            for frame in source.within(brief.table, order.start, order.stop):
                finds = search(frame, detector, "fail")
                waiting.append((finds.outline or b"", finds.found))
                if len(waiting) == _AT_ONCE:
                    self._tell(waiting)
            self._tell(waiting)
            if source.late_fields != "progressive":
                raise LateFieldsError(str(_LATE_FIELDS), source.late_fields)
        return Searched(detector.card())

    def _anew(self, picture: Picture) -> Renewable:
        self._detector = make_detector(picture, self._brief.asks) if self._detector is None else self._detector.anew()
        return self._detector

    def _tell(self, waiting: list[FoundOn]) -> None:
        self._say(Looked(tuple(waiting)))
        waiting.clear()


_LATE_FIELDS = Text("途中からインターレースになります", "the footage turns interlaced")
