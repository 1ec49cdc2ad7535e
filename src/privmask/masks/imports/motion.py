"""motion's `mask_privacy`: a PGM picture (P5 or P2) whose black pixels are hidden.

motion lays its mask over the picture bit by bit, so that grey pixels hide a part of their bits: here all that is not white
is hidden. A mask of another size than the picture is stretched to it, as here.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from privmask.errors import PlanError
from privmask.language import Text
from privmask.masks.imports.bitmap import outlines
from privmask.masks.imports.found import Found, Wishes, Zone, wrong
from privmask.masks.imports.safely import size_of

EXPLAINED = Text(
    "motion の mask_privacy は画像で、黒い所が隠れます。ここでは白でない所すべてを隠します。輪郭は隠れる画素の外側を通り、\n"
    "左上を原点に、x は右へ、y は下へ数えます。",
    "motion's mask_privacy is a picture: black is hidden there, and here all that is not white. These outlines run around its\n"
    "masked pixels, outward, and count from the top left corner, x to the right and y down.",
)
_GREY = Text(
    "motion では一部だけ隠れる灰色の画素も、全部隠します", "grey pixels, which motion hides in part, are hidden whole"
)
_MOST_PIXELS = 64_000_000
_MOST_WRITTEN = 4_000_000  # pixels as decimal numbers, each of which is an object for a while
_GAP = rb"(?:\s|#[^\n]*\n)+"
_HEAD = re.compile(rb"(P[25])" + _GAP + rb"(\d{1,6})" + _GAP + rb"(\d{1,6})" + _GAP + rb"(\d{1,6})\s")


def read(content: bytes, _: Wishes) -> Found:
    """The outlines of what the mask hides."""
    samples, highest = _samples(content)
    masked = samples < highest
    if not masked.any():
        raise wrong("the picture", "only white pixels", "black ones, where motion is to hide")
    height, width = masked.shape
    size = size_of("the picture", width, height)
    zones = [
        Zone(f"motion-{number}", ring, f"outline {number}", size=size, holes=holes)
        for number, (ring, holes) in enumerate(outlines(masked), 1)
    ]
    grey = bool((masked & (samples > 0)).any())
    return Found(tuple(zones), EXPLAINED, (_GREY,) if grey else ())


def _samples(content: bytes) -> tuple[NDArray[np.uint16], int]:
    """The samples (rows, columns) and the value of white."""
    head = _HEAD.match(content)
    if not head:
        raise wrong("the first bytes", content[:12], "a PGM picture: P5 or P2, width, height and the value of white")
    width, height, highest = (int(number) for number in head.groups()[1:])
    size_of("the picture", width, height)
    most = _MOST_WRITTEN if head[1] == b"P2" else _MOST_PIXELS
    if width * height > most or not 0 < highest < 65_536:
        raise wrong("the picture", f"{width}x{height}, white {highest}", f"at most {most} pixels, white 1 to 65535")
    body, pixels = content[head.end() :], width * height
    found = _numbers(body, pixels) if head[1] == b"P2" else _bytes(body, pixels, highest)
    if found.size != pixels:
        raise wrong("the picture", f"{found.size} pixels", f"{width}x{height} of them; the file is cut")
    return found.reshape(height, width), highest


def _bytes(body: bytes, pixels: int, highest: int) -> NDArray[np.uint16]:
    depth = np.dtype(">u2" if highest > 255 else "u1")
    whole = min(len(body) // depth.itemsize, pixels) * depth.itemsize
    return np.frombuffer(body[:whole], depth).astype(np.uint16)


def _numbers(body: bytes, pixels: int) -> NDArray[np.uint16]:
    words = re.sub(rb"#[^\n]*", b"", body).split(maxsplit=pixels)[:pixels]
    try:
        return np.array([int(word) for word in words if len(word) <= 5], np.uint16)
    except (ValueError, OverflowError) as cause:
        raise PlanError(f"the picture: holds something that is no number from 0 to 65535: {cause}") from cause
