"""How pictures lie in the packets of a copy in MPEG-TS, which has no header that could tell their parameters.

Each packet begins with a delimiter, and each that a decoder may start with goes on with its sets of parameters. FFmpeg's muxer
would put them there itself, but of one encoder only, and nobody would know which bytes they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from privmask.video.nals import with_start_codes

_CODE = b"\0\0\0\x01"
DELIMITERS = {"h264": b"\x09\xf0", "hevc": b"\x46\x01\x50"}
"""A unit that says "here begins a picture", of any kind (ITU-T H.264 and H.265, 7.3.2.4 and 7.3.2.5)."""
_DEEPEST = 17
"""Packets after which none is decoded before the first picture is shown (ITU-T H.264 and H.265, annexes A)."""
_MILLISECOND = 90
_FIRST_SETS = {"h264": 7, "hevc": 32}
"""The kind of unit with which sets of parameters begin."""


def kind_of(codec: str, unit: bytes) -> int:
    """The number that says what a unit is."""
    return unit[0] & 31 if codec == "h264" else unit[0] >> 1 & 63


def is_delimiter(codec: str, unit: bytes) -> bool:
    """Whether the unit says nothing but that a picture begins; one without a byte says nothing at all."""
    return not unit or kind_of(codec, unit) == kind_of(codec, DELIMITERS[codec])


def delimited(codec: str, units: Sequence[bytes]) -> bytes:
    """A packet of these units, which are a whole picture and the sets of parameters before it."""
    return with_start_codes([DELIMITERS[codec], *(unit for unit in units if not is_delimiter(codec, unit))])


def decoded_at(dts: int, number: int, first: int) -> int:
    """When packet `number` is decoded, in 1/90000 s: `dts`, but hardly before the first picture is shown, at `first`.

    Where pictures are far apart, encoders begin to decode minutes before: FFmpeg reads such a time as one at the far end of
    what 33 bits count, and all others with it. The times go on rising.
    """
    return max(dts, first - (_DEEPEST - number) * _MILLISECOND) if number < _DEEPEST else dts


def begins_group(codec: str, packet: bytes | memoryview) -> bool:
    """Whether the packet of such a copy has sets of parameters, and so begins a group of pictures."""
    head = _CODE + DELIMITERS[codec] + _CODE
    first = bytes(packet[: len(head) + 1])
    return first.startswith(head) and len(first) > len(head) and kind_of(codec, first[-1:]) == _FIRST_SETS[codec]
