"""Whether sound that was kept is the original's: packet by packet, without decoding."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from privmask.language import Text
from privmask.video.opening import open_container, translated
from privmask.video.sharing import SharedFile

_LONGEST_HEAD = 16
"""Bytes before each packet that some containers need and others do not, such as the ADTS header of AAC in MPEG-TS."""


def differing_sound(original: io.RawIOBase, copy: io.RawIOBase, kept: Sequence[int | None]) -> int | None:
    """The first stream of sound of `copy`, counted from 0, whose packets are not those of the original's stream `kept[n]`.

    None if there is none. A stream whose `kept` is None was encoded anew and is not looked at. Both files are binary and
    seekable, and stay the caller's. Raises FootageError when one cannot be read to its end.
    """
    ours, theirs = SharedFile(copy), SharedFile(original)
    for number, index in enumerate(kept):
        if index is not None and not all(
            one is not None and other is not None and _is_same(one, other)
            for one, other in zip_longest(_sound(ours, number), _sound(theirs, None, index))
        ):
            return number
    return None


def _is_same(one: bytes, other: bytes) -> bool:
    """Whether two packets are the same but for a header before one of them."""
    short, long = sorted((one, other), key=len)
    return long.endswith(short) and len(long) - len(short) <= _LONGEST_HEAD


def _sound(file: SharedFile, number: int | None, index: int | None = None) -> Iterator[bytes]:
    """The packets of a stream: the one of sound with that number, or the one with that index.

    Of a copy all packets are meant, those as well that its edit list hides, because the last one ends after the pictures do.
    """
    container = open_container(file, ignore_edits=number is not None)
    try:
        wanted = [
            stream
            for count, stream in enumerate(s for s in container.streams if s.type == "audio")
            if count == number or stream.index == index
        ]
        with translated(Text("音声を読むとき", "reading the sound")):
            for packet in container.demux(wanted) if wanted else ():
                if packet.size:
                    yield bytes(packet)
    finally:
        container.close()
