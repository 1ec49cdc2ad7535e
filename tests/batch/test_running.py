"""A batch as a whole: its exit code, what Ctrl-C leaves, and its report as data and as a page."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privmask.batch import Began, Event, Job, Outcome, Summary, run_batch
from privmask.batch.page import batch_page
from privmask.errors import CopyError
from privmask.evidence.names import draft_name
from privmask.language import Text
from tests.batch.made import NOON, job, named
from tests.report.test_page import HOSTILE, Page

BROKEN = Text("壊れています", "it is broken")


class Scripted:
    """An engine that tells what it was given, and then, if asked, that somebody pressed Ctrl-C."""

    def __init__(self, *told: Event, interrupted: bool = False) -> None:
        self._told, self._interrupted = told, interrupted
        self.closed = False

    def run(self, _jobs: Sequence[Job]) -> Generator[Event, None, None]:
        try:
            yield from self._told
            if self._interrupted:
                raise KeyboardInterrupt
        finally:
            self.closed = True

    def close(self) -> None:
        """Nothing to let go of."""


def over(jobs: Sequence[Job], *told: Event, interrupted: bool = False) -> Summary:
    return run_batch(jobs, Scripted(*told, interrupted=interrupted), lambda _: None, lambda: NOON)


def failed(number: int, code: int) -> Outcome:
    return Outcome(number, "failed", code, "Some", BROKEN)


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ((), 0),
        ((0, 0), 0),
        ((0, 6, 0), 6),
        ((2, 7, 6), 6),
        ((6, 8), 8),
        ((8, 5), 5),
        ((5, 1), 1),
        ((1, 3), 3),
        ((3, 4), 4),
    ],
)
def test_a_batch_ends_with_the_gravest_code_of_its_jobs(codes: tuple[int, ...], worst: int, tmp_path: Path) -> None:
    jobs = named(tmp_path, *map(str, range(len(codes))))
    told = [failed(n, code) if code else Outcome(n, "made") for n, code in enumerate(codes, 1)]
    assert over(jobs, *told).exit_code == worst


def test_an_interrupted_batch_ends_its_work_and_says_what_is_left(tmp_path: Path) -> None:
    jobs = named(tmp_path, "a", "b", "c")
    summary = over(jobs, Began(1, 1), Outcome(1, "made"), Began(2, 1), interrupted=True)
    assert summary.exit_code == 130
    assert [outcome.ending for outcome in summary.outcomes] == ["made", "left", "left"]


def test_ctrl_c_while_somebody_is_told_ends_the_work_as_well(tmp_path: Path) -> None:
    engine = Scripted(Began(1, 1), Outcome(1, "made"))

    def told(_event: Event) -> None:
        raise KeyboardInterrupt

    assert run_batch(named(tmp_path, "a"), engine, told, lambda: NOON).interrupted
    assert engine.closed


def test_folders_for_copies_are_private_and_cleared_of_what_killed_runs_left(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    left = tmp_path / "out" / draft_name("copy.mp4", "0123abcd")
    left.write_bytes(b"half a copy")
    over([job(tmp_path / "a", tmp_path / "out" / "a.mp4"), job(tmp_path / "b", tmp_path / "out" / "x" / "b.mp4", 2)])
    assert not left.exists()
    assert (tmp_path / "out" / "x").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CopyError, match="cannot be made"):
        over([job(tmp_path / "a", tmp_path / "file" / "sub" / "a.mp4")], Outcome(1, "made"))


def test_the_report_for_programs_says_what_came_of_each(tmp_path: Path) -> None:
    told = (Outcome(1, "made", frames=6, sha256="ab" * 32, notices=(Text("注意", "a note"),)), failed(2, 6))
    data = json.loads(json.dumps(over(named(tmp_path, "a", "b"), *told).as_data()))
    assert (data["format"], data["exit_code"]) == ("privmask.batch.v1", 6)
    assert data["counts"] == {"made": 1, "there": 0, "failed": 1, "left": 0}
    one, two = data["jobs"]
    assert (one["original"], one["frames"], one["error"]) == (f"{tmp_path}/a.mp4", 6, None)
    assert two["error"] == {"kind": "Some", "message": "it is broken", "ja": "壊れています"}


def page_of(summary: Summary) -> Page:
    return Page(batch_page(summary))


def test_the_page_begins_with_what_failed_and_says_so_in_both_languages(tmp_path: Path) -> None:
    page = page_of(over(named(tmp_path, "good", "bad"), Outcome(1, "made", frames=6, sha256="ab" * 32), failed(2, 6)))
    assert "2 件のうち 1 件の複写がありません" in page.text
    assert "Of 2 copies 1 are missing" in page.text
    assert "壊れています" in page.text
    assert "it is broken" in page.text
    assert page.text.index("bad.mp4") < page.text.index("good.mp4")
    assert ("section", {"class": "verdict bad"}) in page.elements


@pytest.mark.parametrize(
    ("told", "interrupted", "words"),
    [
        ((Outcome(1, "there"),), False, "All 1 copies are there"),
        ((), True, "Broken off: of 1 copies 1 are left undone"),
    ],
)
def test_the_page_of_a_whole_and_of_a_broken_batch(
    told: tuple[Event, ...], interrupted: bool, words: str, tmp_path: Path
) -> None:
    assert words in page_of(over(named(tmp_path, "a"), *told, interrupted=interrupted)).text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_and_no_message_makes_the_page_do_anything(text: str, tmp_path: Path) -> None:
    hostile = Outcome(1, "failed", 6, text, Text(text, text + "!"), notices=(Text(text, text),))
    summary = Summary((job(Path(text), Path(text)),), (hostile,), NOON, datetime.now(UTC), interrupted=False)
    tame = page_of(over([job(tmp_path / "a", tmp_path / "b")], failed(1, 6))).tags
    assert set(page_of(summary).tags) <= {*tame, "p", "bdi"}
    assert "script" not in page_of(summary).tags
    assert "img" not in page_of(summary).tags
