"""The packets of an original that travel: pictures alone, read from it without decoding any."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av

from privmask.errors import DamagedFootageError, OriginalChangedError
from privmask.language import Text
from privmask.video.color import ColorTags, tags_of
from privmask.video.inband import delimited
from privmask.video.nals import units_of, with_lengths, with_start_codes
from privmask.video.opening import STRICT, open_container, translated
from privmask.video.route import Run
from privmask.video.sharing import SharedFile
from privmask.video.streams import choose_stream
from privmask.video.survey import Survey, payloads, survey


class Traveller:
    """Reads the packets of runs, one run after the other, each packet as the units that travel.

    Sets of parameters stand before key frames of H.265, and with `in_band` before those of H.264 as well.
    """

    def __init__(self, file: SharedFile, stream: int | None, survey: Survey, *, in_band: bool = False) -> None:
        self._survey = survey
        self._container = open_container(file)
        self._packets = enumerate(payloads(self._container, choose_stream(self._container, stream)))
        told = in_band or survey.codec == "hevc"
        self._sets = [unit for _, unit in sorted(survey.syntax.sets.items())] if told else []

    def packets(self, run: Run) -> Iterator[tuple[int, list[bytes]]]:
        """Number and units of each packet of the run."""
        syntax = self._survey.syntax
        for number, packet in self._packets:
            if number >= run.start:
                self._require_same(number, packet)
                units = units_of(bytes(packet), self._survey.width)
                pictures = [unit for unit in units if syntax.is_picture(unit)]
                yield number, [*(self._sets if number in self._survey.cleans else []), *pictures]
            if number + 1 >= run.stop:
                return

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _require_same(self, number: int, packet: Any) -> None:
        if packet.pts != self._survey.order[number]:
            raise OriginalChangedError(f"packet {number} of the original is another than when it was first read")


def hash_travelling(
    file: io.RawIOBase, stream: int | None, spans: Sequence[tuple[int, int]], container: str = "mp4"
) -> Iterator[str]:
    """The SHA-256 of what travels of each span of frames, as `hash_packets` counts the packets of a copy; nothing is decoded.

    `file` is the original, binary and seekable, and stays the caller's; `container` is that of the copy, as `Writing` has it.
    Raises DamagedFootageError where a span is not of whole groups of pictures, FootageError where the file cannot be read.
    """
    shared = SharedFile(file)
    found = survey(shared, stream)
    in_band = container == "mpegts"
    traveller = Traveller(shared, stream, found, in_band=in_band)
    try:
        for run in found.through(spans).copied_runs:
            digest = hashlib.sha256()
            for _, units in traveller.packets(run):
                digest.update(delimited(found.codec, units) if in_band else with_lengths(units))
            yield digest.hexdigest()
    finally:
        traveller.close()


def told_by_pictures(file: SharedFile, stream: int | None, survey: Survey) -> tuple[ColorTags, Fraction]:
    """What the first pictures tell of their colours and the shape of their samples, whatever the container says of it.

    Raises FootageError where they cannot be decoded.
    """
    context: Any = av.CodecContext.create(survey.codec, "r")
    context.options = dict(STRICT)
    first = min(survey.cleans)
    traveller = Traveller(file, stream, survey)
    try:
        _, units = next(traveller.packets(Run(first, first + 1, True, first)))
    finally:
        traveller.close()
    sets = [unit for _, unit in sorted(survey.syntax.sets.items())]
    with translated(Text("最初のコマの色を調べるとき", "asking the first pictures for their colours")):
        pictures = [*context.decode(av.Packet(with_start_codes([*sets, *units]))), *context.decode(None)]
    if not pictures:
        raise DamagedFootageError(f"the key frame {first} gives no picture")
    tags = tags_of(pictures[0], pictures[0].format.name.startswith("yuvj"))
    return tags, Fraction(context.sample_aspect_ratio or 1)
