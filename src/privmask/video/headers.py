"""The headers of an MP4 file as our muxer writes them, byte for byte but for sizes, lengths and numbers of tracks.

ISO/IEC 14496-12 leaves fields in them for times of making, names, matrices and speeds: nothing of that is in a copy, in which
they could say something that nobody stated, or show the pictures otherwise.
"""

from __future__ import annotations

import re

_NO_TIMES = rb"(?:\0{12}|\x01\0{19})"
"""Version, flags, and two times of making, of 32 bits or of 64."""
_LENGTH = rb"(?:.{4}|.{8})"
_WHOLE = rb"\0\x01\0\0"
_SIDE = rb"(?:\0{4}|\0\x01\0\0|\xff\xff\0\0)"
"""One number of a matrix: pictures are turned by quarters or mirrored, and never stretched or moved."""
_TURN = _SIDE * 2 + rb"\0{4}" + _SIDE * 2 + rb"\0{4}" + rb"\0{8}\x40\0\0\0"
_UNTURNED = _WHOLE + rb"\0{12}" + _WHOLE + rb"\0{12}\x40\0\0\0"
_BRANDS = rb"(?:isom|iso2|iso4|iso5|iso6|avc1|hvc1|hev1|av01|mp41|mp42|dby1)"

PLAIN = {
    kind: re.compile(pattern, re.DOTALL)
    for kind, pattern in {
        b"ftyp": rb"isom\0\0\x02\0" + _BRANDS + rb"{1,10}",
        b"mvhd": _NO_TIMES + rb".{4}" + _LENGTH + _WHOLE + rb"\x01\0\0{10}" + _UNTURNED + rb"\0{24}.{4}",
        b"tkhd": (
            rb"(?:\0\0\0[\x02\x03]\0{8}|\x01\0\0[\x02\x03]\0{16}).{4}\0{4}"
            + _LENGTH
            + rb"\0{10}\0[\0\x01][\0\x01]\0\0\0"
            + _TURN
            + rb".{8}"
        ),
        b"mdhd": _NO_TIMES + rb".{4}" + _LENGTH + rb"\x55\xc4\0\0",
        b"vmhd": rb"\0\0\0\x01\0{8}",
        b"smhd": rb"\0{8}",
        b"elst": rb"(?:\0{4}.{4}(?:.{8}\0\x01\0\0){1,2}|\x01\0\0\0.{4}(?:.{16}\0\x01\0\0){1,2})",
    }.items()
}
"""What stands in each of these boxes."""

PLAIN_PICTURES = re.compile(rb"\0{7}\x01\0{16}.{4}(?:\0\x48\0\0){2}\0{4}\0\x01\0{32}\0[\x18\x20]\xff\xff", re.DOTALL)
"""What stands in a description of pictures before its boxes; a name of the encoder, 32 bytes, is left out."""
