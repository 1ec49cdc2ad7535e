"""Lost pictures, seen in the numbers that H.264 gives them: FFmpeg fills such a gap with an older picture, and says nothing.

What is predicted from the wrong picture may show pieces of a private zone in other places. A gap alone does no harm: pictures
that refer to none of those before it are as they were, and some streams have gaps that are meant. So where a number is missing,
the headers have to show that a picture refers to none of the missing ones; what cannot be shown is a fault. A lost picture
that no other refers to leaves no gap, and none is altered by it. H.265 needs none of this, because its decoder marks what comes
after a loss. MPEG-1, 2 and 4, VP8 and VP9 do not number what others refer to: in these, a packet lost without a trace in the
container is not seen.

The numbers begin again after 16 pictures or more, as the encoder has chosen, and with each key frame: a loss after which they
fit by chance is seen only where the numbers of the order tell it (see `pace`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from privmask.language import Text
from privmask.video.avc import B_SLICE, I_SLICE, P_SLICE, PictureSet, SequenceSet
from privmask.video.nals import length_width, sets_of
from privmask.video.pace import Pace
from privmask.video.slices import HEAD, KEY, SLICES, WHOLE_HEAD, References, Slice, units_in

_SEQUENCE, _PICTURE = 7, 8
_HEVC_KEYS = range(16, 22)
_MOST_KEPT = 16
"""Pictures that others may refer to at one time (ITU-T H.264, annex A)."""

_MISSING = Text("その前の画像が1つ以上欠けています", "a picture before it is missing")
_HALF = Text(
    "その前の画像の半分（片方のフィールド）が欠けています", "half of a picture before it, one of its fields, is missing"
)
_UNKNOWN = Text("パラメーターセットの欠けた画像です", "a picture whose parameter sets are missing")
_UNREADABLE = Text("ヘッダーを読めません", "a header that cannot be read")


class LossWatch:
    """Follows the packets of a stream of `codec`, whose header is `extra`."""

    def __init__(self, codec: str, extra: bytes | None) -> None:
        self._codec = codec
        self._take_header(extra or b"")
        self.start_anew()

    def start_anew(self) -> None:
        """What comes next follows nothing."""
        self._expected: int | None = None
        self._last: Slice | None = None
        self._last_reference = b""
        self._half: Slice | None = None
        self._gap, self._newest = False, -1
        self._sound: deque[int] = deque(maxlen=_MOST_KEPT)
        self._pace = Pace()

    @property
    def may_have_fields(self) -> bool:
        """Whether a packet may hold but a field of a picture."""
        return any(sequence.has_fields for sequence in self._sequences.values())

    def fault(self, packet: Any) -> Text | None:
        """Why this packet cannot be decoded as it was meant, None if it can."""
        if self._codec != "h264" or not packet.size:
            return None
        if packet.has_sidedata("new_extradata"):
            self._take_header(bytes(packet.get_sidedata("new_extradata")))
        try:
            return self._fault(packet)
        except IndexError:
            return _UNREADABLE

    def is_clean(self, packet: Any) -> bool:
        """Whether a decoder can start here, and nothing after it refers to anything before it."""
        if self._codec not in ("h264", "hevc") or not packet.size:
            return bool(packet.is_keyframe and packet.size)
        try:
            return self._is_clean(units_in(packet, self._width))
        except IndexError:
            return False

    def _is_clean(self, units: Iterator[memoryview]) -> bool:
        if self._codec == "hevc":
            found = [kind for unit in units if (kind := unit[0] >> 1 & 0x3F) < 32]
            return bool(found) and all(kind in _HEVC_KEYS for kind in found)
        slices = []
        for unit in units:
            if unit[0] & 31 in SLICES:
                slices.append(bytes(unit[:HEAD]))
            else:
                self._use(unit)
        kinds = {unit[0] & 31 for unit in slices}
        # The second field of a key picture may refer to the first one.
        return kinds == {KEY} or (bool(kinds) and slices[0][0] & 31 == KEY and bool(self._slice(slices[0]).field))

    def _take_header(self, extra: bytes) -> None:
        self._width = length_width(self._codec, extra)
        self._sequences: dict[int, SequenceSet] = {}
        self._pictures: dict[int, PictureSet] = {}
        if self._codec == "h264" and extra:
            try:
                for unit in sets_of(self._codec, extra):
                    self._use(memoryview(unit))
            except IndexError:  # a header that is cut; what counts stands in the packets then, or they are refused
                self._sequences.clear()

    def _use(self, unit: memoryview) -> None:
        if unit[0] & 31 == _SEQUENCE:
            sequence = SequenceSet.of(bytes(unit))
            self._sequences[sequence.number] = sequence
        elif unit[0] & 31 == _PICTURE:
            picture = PictureSet.of(bytes(unit))
            self._pictures[picture.number] = picture

    def _fault(self, packet: Any) -> Text | None:
        within = False
        for unit in units_in(packet, self._width):
            if unit[0] & 31 not in SLICES:
                self._use(unit)
                continue
            fault = self._slice_fault(unit, packet.pts, within=within)
            if fault or not (self._gap or (self._last and self._last.field)):
                return fault
            within = True
        return None

    def _sets(self, unit: bytes) -> tuple[SequenceSet, PictureSet]:
        """Those that a slice goes by; raises KeyError where they are missing."""
        picture = self._pictures[Slice.picture_set(unit)]
        return self._sequences[picture.sequence], picture

    def _slice(self, unit: bytes) -> Slice:
        try:
            return Slice.of(unit, self._sets(unit)[0])
        except KeyError:
            raise IndexError from None

    def _slice_fault(self, unit: memoryview, time: int | None, *, within: bool) -> Text | None:
        """What is wrong with a slice; `within` says that another one came before it in the same packet."""
        head = bytes(unit[:HEAD])
        try:
            sequence, picture = self._sets(head)
        except KeyError:
            return _UNKNOWN
        about, last, fault = Slice.of(head, sequence), self._last, None
        is_new = last is None or not about.is_of_same(last) or not (within or about.first)
        if is_new:
            fault = self._order_fault(about, sequence)
            if (
                about.is_reference
                and not fault
                and not self._is_in_pace(about, Slice.order_of(head, sequence), time, sequence)
            ):
                self._open_gap([])
            self._last = about
        if self._gap:
            references = References.of(bytes(unit[:WHOLE_HEAD]), sequence, picture)
            fault = fault or self._reference_fault(about, references, sequence)
        if is_new and about.is_reference:
            self._last_reference = bytes(unit[:WHOLE_HEAD])
            if not fault:
                self._keep(about, sequence, picture)
        return fault

    def _order_fault(self, about: Slice, sequence: SequenceSet) -> Text | None:
        """Whether the next picture may come here, by its number; a gap before it is noted."""
        half, self._half = self._half, None
        if half and 0 < about.field != half.field and about.number == half.number:
            self._expected = about.number_after(sequence, self._expected)
            return None
        self._half = about if about.field else None
        most = 1 << sequence.frame_number_bits
        if about.is_key:
            self._gap = False
            self._sound.clear()
        elif self._expected not in (None, about.number):
            self._note_gap(about.number, sequence, most)
        self._newest = -1 if self._expected is None else (about.number - 1) % most
        self._expected = about.number_after(sequence, self._expected)
        if half:
            self._open_gap([])
        return _HALF if half and not about.is_key else None

    def _note_gap(self, number: int, sequence: SequenceSet, most: int) -> None:
        if number == 1 and self._resets():
            return
        start = self._expected or 0
        missing = (number - start) % most
        kept = [each for each in self._sound if (each - start) % most >= missing] if sequence.has_gaps else []
        self._open_gap(kept)

    def _open_gap(self, sound: Iterable[int]) -> None:
        self._gap, self._sound = True, deque(sound, maxlen=_MOST_KEPT)
        self._pace.stop()

    def _is_in_pace(self, about: Slice, order: int | None, time: int | None, sequence: SequenceSet) -> bool:
        if about.is_key:
            self._pace.begin(order, time)
            return True
        leads, wrap = about.kind in (P_SLICE, I_SLICE), 1 << sequence.order_bits
        if self._pace.goes_on(order, time, wrap, leads=leads, restarts=about.number == 1):
            return True
        self._pace.stop()
        return self._resets()

    def _resets(self) -> bool:
        """Whether the last picture that others refer to began a new count with itself, as number 0."""
        try:
            return References.of(self._last_reference, *self._sets(self._last_reference)).resets
        except (KeyError, IndexError):  # there is none, or what it goes by is not known any more
            return False

    def _reference_fault(self, about: Slice, references: References, sequence: SequenceSet) -> Text | None:
        """Whether the slice is shown to refer to sound pictures alone; of fields that is not told."""
        for count, named in references.lists:
            first = self._first(count, named, about.kind, sequence)
            if about.field or not all(number in self._sound for number in first):
                return _MISSING
        return None

    def _first(
        self, count: int, named: tuple[int | None, ...], kind: int, sequence: SequenceSet
    ) -> Iterator[int | None]:
        """The numbers of the pictures that stand first in a list, and perhaps more; None where it is not known which."""
        yield from named[:count]
        if len(named) >= count:
            return
        if kind == B_SLICE or not (sequence.has_gaps or count == 1):
            yield None
            return
        most = 1 << sequence.frame_number_bits
        yield from ((self._newest - back) % most for back in range(count))

    def _keep(self, about: Slice, sequence: SequenceSet, picture: PictureSet) -> None:
        """A sound picture, which others may refer to."""
        if self._gap:
            references = References.of(self._last_reference, sequence, picture)
            self._sound = deque((each for each in self._sound if each not in references.forgotten), maxlen=_MOST_KEPT)
            if references.keeps_long:
                return
        self._sound.append(about.number)
        most, kept = 1 << sequence.frame_number_bits, range(max(1, sequence.references))
        if sequence.has_gaps and all((about.number - back) % most in self._sound for back in kept):
            self._gap = False
