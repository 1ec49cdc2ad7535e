"""The first of two passes over a clip: it is searched in sections, by one process or by several, and the finds are linked.

Where sections begin follows from the times of the frames alone, and each is searched as if it were the whole, so that the same
is found whoever looks. Links go across the seams: they are made here, of what was found on all frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from privmask.errors import FootageError
from privmask.evidence import Custody
from privmask.frame import Frame
from privmask.hearing import Heard, unheard
from privmask.language import Text
from privmask.parts.crew import Crew, Told
from privmask.parts.cutting import Cut, Parts, find_search_cut
from privmask.parts.orders import Order, Searched
from privmask.video import Cutter, Reading, Sections, Source, open_video
from privmask.watching import Watch

if TYPE_CHECKING:
    from privmask.detect.finds import Finds


def search_clip(
    custody: Custody,
    crew: Crew,
    watch: Watch,
    reading: Reading,
    sections: Sections,
    told: Callable[[int, int | None], None],
    heard: Heard = unheard,
) -> tuple[Parts, tuple[Text, ...]]:
    """Search all of a clip for what `watch` looks for; who did it, and what is to be known of the original.

    `told` is called with the number of frames done, and of all, if the container says so; `heard` with what was found on each.
    Raises what decoding and detectors raise, and LateFieldsError where workers find that the footage turns interlaced.
    """
    with custody.open() as file, open_video(file, reading) as source:
        cut, why_not = find_search_cut(source, watch, reading, sections, crew.jobs)
        if cut is None:
            begun = _Begun(sections, source)
            watch.search(_counted(source, told), begun.begins, heard)
            return Parts(1, max(1, begun.count), why_not), source.notices
        frames = len(cut.table.times)
        finds = _Many(cut, crew, watch.card(), lambda done: told(done, frames))
        try:
            crew.begin_search(cut, reading, watch.asks, custody)
            watch.link(finds.walked(), finds.card, heard)
        finally:
            jobs = crew.dismiss()
        return Parts(jobs, len(cut.spans), None), source.notices


def _counted(source: Source, told: Callable[[int, int | None], None]) -> Iterator[Frame]:
    for frame in source.frames():
        yield frame
        told(frame.index + 1, source.info.frames_from_header)


class _Begun:
    """Finds the sections frame by frame, and counts them."""

    def __init__(self, sections: Sections, source: Source) -> None:
        self._cutter = Cutter(sections, source.info.time_base)
        self.count = 0

    def begins(self, pts: int) -> bool:
        begins = self._cutter.begins(pts)
        self.count += begins
        return begins


class _Many:
    """What all workers of a crew find; `own` is the card of a detector like theirs that has not searched yet."""

    def __init__(self, cut: Cut, crew: Crew, own: Mapping[str, Any], told: Told) -> None:
        from privmask.detect.sectioned import of_section

        self._cut, self._crew, self._told = cut, crew, told
        self._card = of_section(own, 0)

    def card(self) -> dict[str, Any]:
        """What searched, and how, in all sections so far."""
        return self._card

    def walked(self) -> Iterator[Finds]:
        """What was found on each frame, in their order. Raises what workers raise."""
        for order, answer in self._crew.searched((Order(*span) for span in self._cut.spans), self._told):
            if not isinstance(answer, Searched) or len(answer.frames) != order.stop - order.start:
                raise FootageError(_ANOTHER)
            yield from self._placed(order, answer)
            self._join(answer)

    def _placed(self, order: Order, answer: Searched) -> Iterator[Finds]:
        from privmask.detect.finds import Finds

        table = self._cut.table
        for index, (outline, found) in enumerate(answer.frames, order.start):
            end, unit = table.end(index), table.time_base
            start = float(table.times[index] * unit)
            yield Finds(index, start, start if end is None else float(end * unit), outline, found)

    def _join(self, answer: Searched) -> None:
        from privmask.detect.sectioned import joined, of_section

        self._card = joined(self._card, of_section(answer.card))


_ANOTHER = "a worker process answered with something else than what it was asked for; nothing was made of it"
