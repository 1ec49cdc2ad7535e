"""The pictures of a report, made of what was seen of a copy while it was verified."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from PIL import Image

from privmask.differing import Differing, Glimpse
from privmask.masks import MaskPlan
from privmask.report.heatmap import as_png, frame_image, heat_image, is_unusual, zones_on
from privmask.report.legend import finding, heat_sheet, scale_in_words, worst_place
from privmask.report.wording import DIFFERS, NOT_HIDDEN, SHOWN, Both, frame_in_words, moving_in_words

_WIDEST = 1280
_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture of a report. `zones` are token, type and reason of what is outlined, as the plan says it.

    `alarming`: it shows what is wrong. `scale`: it wants the heat's scale beside it.
    """

    jpeg: bytes
    words: tuple[Both, ...]
    zones: tuple[tuple[str, str, str], ...] = ()
    alarming: bool = False
    scale: bool = False


class Drawing:
    """Draws what was seen of a copy, when it is asked for; `plan` and `lossless` are what the statement says of it."""

    def __init__(self, seen: Differing, plan: MaskPlan, *, lossless: bool) -> None:
        self._seen, self._plan, self._lossless = seen, plan, lossless

    @cached_property
    def heat(self) -> Image.Image | None:
        """The heat map; None if nothing was compared."""
        return heat_image(self._seen, self._plan, lossless=self._lossless) if self._seen.outside else None

    def sheet(self) -> bytes | None:
        """The heat map with its legend, as PNG; None if nothing was compared."""
        return None if self.heat is None else as_png(heat_sheet(self.heat, self._seen, lossless=self._lossless))

    def figures(self) -> Iterator[Figure]:
        """A frame with its zones, the frame that is not hidden, the one that differs most if it should not, the heat map."""
        if shown := self._seen.shown:
            zones = tuple((mask.token, mask.type, mask.reason) for mask in zones_on(shown, self._plan).masks)
            moving = shown.cover.moving
            words = (_which(shown), *([SHOWN] if zones else []), *([moving_in_words(moving)] if moving else []))
            yield Figure(_jpeg(frame_image(shown, self._plan)), words, zones)
        if self._seen.inside:
            yield self._alarm(self._seen.inside, NOT_HIDDEN)
        unusual = is_unusual(self._seen, lossless=self._lossless)
        if self._seen.outside and unusual:
            yield self._alarm(self._seen.outside, DIFFERS)
        if self.heat:
            place = worst_place(self._seen)
            said = (finding(self._seen, lossless=self._lossless), *([place] if place else []))
            yield Figure(_jpeg(self.heat), (*said, scale_in_words(self._seen)), alarming=unusual, scale=True)

    def _alarm(self, glimpse: Glimpse, words: Both) -> Figure:
        return Figure(_jpeg(frame_image(glimpse, self._plan, ring=True)), (_which(glimpse), words), alarming=True)


def _which(glimpse: Glimpse) -> Both:
    return frame_in_words(glimpse.frame.index, float(glimpse.frame.start_time))


def _jpeg(image: Image.Image) -> bytes:
    shown = image.copy()
    shown.thumbnail((_WIDEST, _WIDEST), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()
