"""How a batch goes and what came of it, for people and for programs: a table on a terminal, else a line for each clip."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.batch import Event, Job, Outcome, Summary
from privmask.batch.page import ENDINGS, batch_page, is_batch_page
from privmask.batch.running import FORMAT
from privmask.cli.batch_table import table
from privmask.cli.finished import Finished
from privmask.cli.language import said
from privmask.cli.words import answer, note, say, shown_name
from privmask.errors import PlanError
from privmask.evidence import keep_aside
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.evidence import Aside


_HEAD = 4096
"""Bytes in which a report says what it is."""


class Reports:
    """Where reports go, in names that were free when the batch began."""

    def __init__(self, paths: Sequence[Path], aside: Aside | None) -> None:
        self._paths, self._aside = paths, aside

    def write(self, summary: Summary) -> None:
        """Write them, whole; raises CopyError where the disk refuses."""
        if self._aside is not None:
            self._aside.publish(*(_content(path, summary) for path in self._paths))


@contextmanager
def reports_at(paths: Sequence[Path]) -> Iterator[Reports]:
    """Hold the names of the reports for a `with` block; PlanError for one whose kind is not known."""
    for path in paths:
        if path.suffix.lower() not in (".html", ".json"):
            raise PlanError(_KIND.with_(name=shown_name(path)))
    if not paths:
        yield Reports((), None)
        return
    free = [_free_name(path) for path in paths]
    with keep_aside(*free) as aside:
        for path, name in zip(paths, free, strict=True):
            if name != path:
                say(said(_EARLIER.with_(path=shown_name(path), name=shown_name(name))))
        yield Reports(free, aside)


def _free_name(path: Path) -> Path:
    """The name; where it is that of an earlier batch's report, which stays, the next one with a number."""
    names = itertools.chain(
        [path], (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    )
    return next(name for name in names if not _is_report(name))


def _is_report(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return (head.startswith(b"{") and FORMAT.encode() in head) or is_batch_page(head)


def _content(path: Path, summary: Summary) -> bytes:
    if path.suffix.lower() == ".html":
        return batch_page(summary)
    return (json.dumps(summary.as_data(), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


@contextmanager
def telling(jobs: Sequence[Job], *, as_json: bool) -> Iterator[Callable[[Event], None]]:
    """What to hand to `run_batch`: tells people how it goes, on standard error, and programs of each clip."""
    by_number = {job.number: job for job in jobs}
    with table(by_number) as (draw, write):

        def told(event: Event) -> None:
            if isinstance(event, Outcome):
                job = by_number[event.number]
                if as_json:
                    print(json.dumps(event.as_data(job)), flush=True)
                if not as_json or event.code:
                    write(_line(job, event))
            draw(event)

        yield told


def _line(job: Job, outcome: Outcome) -> str:
    """One clip that is done with."""
    head = f"{said(ENDINGS[outcome.ending])}  {shown_name(job.original)}"
    if outcome.message is None:
        return f"{head}  {outcome.frames} {said(_FRAMES)}, {outcome.seconds:.1f} s"
    return f"{head}: {said(outcome.message)}"


def finish(summary: Summary, skipped: Sequence[str], reports: Reports, *, as_json: bool) -> int:
    """Write the reports, say what came of it all, and return the exit code."""
    reports.write(summary)
    notices = Counter(notice for outcome in summary.outcomes for notice in outcome.notices)
    if skipped:
        names = ", ".join(map(shown_name, skipped[:5]))
        say(said(_SKIPPED.with_(count=len(skipped), names=names)))
    for notice, count in notices.items():
        note(_TIMES.with_(notice=notice, count=count))
    if as_json:
        print(json.dumps({**summary.as_data(), "skipped": list(skipped)}), flush=True)
    else:
        answer({}, _summed_up(summary), as_json=False)
    return Finished(summary.exit_code)


def _summed_up(summary: Summary) -> str:
    counts = ((words, summary.count(ending)) for ending, words in ENDINGS.items())
    parts = [f"{said(words)} {count}" for words, count in counts if count]
    again = f"\n{said(_AGAIN)}" if summary.count("left") or summary.count("failed") else ""
    return f"{' · '.join(parts)}{again}"


_KIND = Text(
    "--report {name}: .html 又は .json の名前にしてください", "--report {name}: name a file that ends in .html or .json"
)
_FRAMES = Text("コマ", "frames")
_SKIPPED = Text(
    "注意：映像ではない、又は隠しファイルやリンクの {count} 件は扱っていません（{names} など）",
    "note: left out were files that are no clips by their names, hidden or links: {count} ({names} …)",
)
_TIMES = Text("{notice}（{count}）", "{notice} ({count})")
_AGAIN = Text(
    "足りないものは、同じ命令をもう一度始めれば作ります。",
    "What is missing is made when the same command is given again.",
)
_EARLIER = Text(
    "注意：{path} は前回の報告なので残し、今回の報告は {name} に書きます。",
    "note: {path} is the report of an earlier batch and stays; this one goes to {name}",
)
