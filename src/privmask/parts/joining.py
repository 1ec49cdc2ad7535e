"""What the parent does with the work of many: it says what is hidden on each frame, joins sections, and sums up checks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from privmask.checking import Findings, SelfCheck
from privmask.errors import CopyError
from privmask.evidence import Custody, Draft
from privmask.masks import FittedMasks, Shown
from privmask.parts.crew import Crew, Told
from privmask.parts.cutting import Cut
from privmask.parts.orders import Finished, Order
from privmask.seen import Seen
from privmask.sighting import Sighting
from privmask.video import Part, Source, Tally, Timetable, join_video, open_video, tried
from privmask.wanted import Wanted
from privmask.watching import Watched


def mask_in_parts(
    cut: Cut,
    crew: Crew,
    custody: Custody,
    draft: Draft,
    source: Source,
    wanted: Wanted,
    watched: Iterator[Watched],
    masks: FittedMasks,
    shown: Shown,
    told: Told,
) -> Tally:
    """Have all sections masked and encoded, and join them in their order to the draft.

    `watched` are all frames, undecoded, with what is seen on them; `masks` are asked what holds on each, so that `shown` has it
    and they know at the end what was kept visible. `told` is called with the number of frames done.
    """
    crew.begin(cut, wanted, custody, draft)

    def orders() -> Iterator[Order]:
        for start, stop in cut.spans:
            yield Order(start, stop, tuple(_noted(islice(watched, stop - start), masks, shown)))

    with join_video(draft.path, source, wanted.writing, cut.table) as sink:
        for order, part in crew.masked(orders(), told):
            if not isinstance(part, Part) or order.spool is None:
                raise CopyError(_ANOTHER)
            sink.add(part, order.spool, order.stop)
    return sink.tally


def _noted(watched: Iterator[Watched], masks: FittedMasks, shown: Shown) -> Iterator[tuple[Sighting, ...]]:
    for frame, sights in watched:
        shown.note(frame, masks.at(frame, sights).tokens)
        yield sights


def check_in_parts(
    cut: Cut, crew: Crew, draft: Draft, seen: Seen, *, exact: bool, times_exact: bool, told: Told
) -> SelfCheck | None:
    """Have a finished copy checked section by section, as `check_copy` does; None where it cannot be cut.

    `seen` is what was hidden on each frame besides the plan's zones. Raises CopyError, with the place, where it does not pass.
    """
    table = _timetable(draft, cut)
    if table is None:
        return None
    crew.finished(Finished(draft.lend(), table, exact, times_exact))
    found = Findings()
    for _, part in crew.checked((_order(span, seen) for span in cut.spans), told):
        if not isinstance(part, Findings):
            raise CopyError(_ANOTHER)
        found.join(part)
    if found.frames != len(cut.table.times):
        raise CopyError(f"only {found.frames} of {len(cut.table.times)} frames were checked; the copy was thrown away")
    return SelfCheck.of(found, exact=exact)


def _order(span: tuple[int, int], seen: Seen) -> Order:
    return Order(*span, tuple(seen.at(index) if seen.frames else () for index in range(*span)))


def _timetable(draft: Draft, cut: Cut) -> Timetable | None:
    with draft.open() as file, open_video(file) as copied:
        survey = copied.survey()
        if survey.refused or len(survey.times) != len(cut.table.times):
            return None
        table = Timetable.of(survey)
        return tried(table, copied.file, copied.info.stream, (start for start, _ in cut.spans))


_ANOTHER = "a worker process answered with something else than what it was asked for; the copy was thrown away"
