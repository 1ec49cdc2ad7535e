"""High dynamic range: what the mastering screen was, and how bright the content gets."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class HdrTags:
    """SMPTE ST 2086 and CTA-861.3 values; both None for ordinary footage.

    `mastering` is (red x, y, green x, y, blue x, y, white x, y, least, greatest luminance in cd/m²) as exact fractions;
    `light` is (greatest content light level, greatest frame average), in cd/m².
    """

    mastering: tuple[Fraction, ...] | None = None
    light: tuple[int, int] | None = None


def hdr_of(decoded: Any) -> HdrTags:
    """The HDR tags that ride on a decoded picture."""
    return HdrTags(_mastering(decoded), _light(decoded))


def _mastering(decoded: Any) -> tuple[Fraction, ...] | None:
    data = decoded.side_data.get("MASTERING_DISPLAY_METADATA")
    if data is None:
        return None
    *numbers, has_primaries, has_luminance = struct.unpack("=22i", bytes(data)[:88])
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    if not (has_primaries and has_luminance) or any(den == 0 for _, den in pairs):
        return None
    return tuple(Fraction(num, den) for num, den in pairs)


def _light(decoded: Any) -> tuple[int, int] | None:
    data = decoded.side_data.get("CONTENT_LIGHT_LEVEL")
    if data is None:
        return None
    most, average = struct.unpack("=2I", bytes(data)[:8])
    return most, average
