"""What the search of a frame gives: all that tracks are made of, so that whoever links need not be who searched."""

from __future__ import annotations

from dataclasses import dataclass

from privmask.detect.detector import Detection

OUTLINE_BYTES = 4 * 18 * 32
"""Bytes of a frame's outline."""


@dataclass(frozen=True, slots=True)
class Finds:
    """What was found on a frame, which is shown from `start` to `end` seconds (the same where nobody knows the end).

    `outline` is its signature, by which cuts are found: float32 (18, 32) as bytes; None for a frame that is hidden whole and
    was not searched. Where the detector has `failed`, the frame is to be hidden whole.
    """

    index: int
    start: float
    end: float
    outline: bytes | None
    found: tuple[Detection, ...] = ()
    failed: bool = False
