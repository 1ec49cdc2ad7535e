"""The pictures of a report, made of what was seen of a copy while it was verified."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from privmask.differing import Differing, Glimpse
from privmask.masks import MaskPlan
from privmask.report.heatmap import frame_image, heat_image, is_unusual, zones_on
from privmask.report.legend import finding, scale_in_words, worst_place
from privmask.report.wording import DIFFERS, NOT_HIDDEN, SHOWN, Both, frame_in_words

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


def figures(seen: Differing, plan: MaskPlan, *, lossless: bool) -> Iterator[Figure]:
    """A frame with its zones, the frame that is not hidden, the one that differs most if it should not, and the heat map."""
    if seen.shown:
        zones = tuple((mask.token, mask.type, mask.reason) for mask in zones_on(seen.shown, plan).masks)
        yield Figure(_jpeg(frame_image(seen.shown, plan)), (_which(seen.shown), SHOWN), zones)
    if seen.inside:
        yield Figure(_jpeg(frame_image(seen.inside, plan, ring=True)), (_which(seen.inside), NOT_HIDDEN), alarming=True)
    if seen.outside is None:
        return
    unusual, place = is_unusual(seen, lossless=lossless), worst_place(seen)
    if unusual:
        image = frame_image(seen.outside, plan, ring=True)
        yield Figure(_jpeg(image), (_which(seen.outside), DIFFERS), alarming=True)
    words = (finding(seen, lossless=lossless), *([place] if place else []), scale_in_words(seen))
    yield Figure(_jpeg(heat_image(seen, plan, lossless=lossless)), words, alarming=unusual, scale=True)


def _which(glimpse: Glimpse) -> Both:
    return frame_in_words(glimpse.frame.index, float(glimpse.frame.start_time))


def _jpeg(image: Image.Image) -> bytes:
    shown = image.copy()
    shown.thumbnail((_WIDEST, _WIDEST), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()
