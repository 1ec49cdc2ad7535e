"""The scale of a heat map: few colors, darker to lighter, that also the color-blind and a grey printer keep in order."""

from __future__ import annotations

from privmask.report.wording import Both

LIMITS = (1, 2, 4, 8, 16, 32)
"""Steps of 255 at which the scale goes on to its next color."""

HEAT = ((59, 28, 110), (101, 30, 120), (154, 44, 107), (203, 65, 76), (238, 108, 38), (251, 166, 26), (252, 246, 160))
"""One color for what is up to each limit, and one for what is above all; lightness rises (after matplotlib's inferno)."""

HATCHED, HATCH = (30, 30, 30), (120, 130, 140)
HIDDEN = Both("隠した所（比べない）", "hidden: not compared")


def labels() -> tuple[str, ...]:
    """What each color of the scale means, in steps of 255."""
    lows = (0, *LIMITS)
    return (*(f"{low}-{high}" for low, high in zip(lows, LIMITS, strict=False)), f"> {lows[-1]}")
