"""The table of a running batch, as a terminal shows it."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from privmask.batch import Began, Outcome, Told
from privmask.cli.batch_table import Painter, bars_on
from privmask.cli.language import choose
from privmask.copying import Progress
from privmask.language import Language, Text
from tests.batch.made import named


def drawn(language: Language, *names: str) -> str:
    """The last that was drawn of a batch whose first clip is done, whose second failed, and whose third is worked at."""
    choose(language)
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, markup=False, highlight=False, color_system=None)
    jobs = {job.number: job for job in named(Path("clips"), *names)}
    with bars_on(console) as bars:
        painter = Painter(bars, jobs)
        painter.draw(Began(1, 1))
        painter.draw(Told(1, Progress("masking", 5, 10)))
        painter.draw(Outcome(1, "made"))
        painter.draw(Began(2, 1))
        painter.draw(Outcome(2, "failed", 6, "Died", Text("壊れています", "broken")))
        painter.draw(Began(3, 2))
        painter.draw(Told(3, Progress("checking", 7, 10)))
        painter.draw(Began(4, 1))
        file.truncate(0)
        bars.refresh()
        shown = file.getvalue()
    choose(None)
    return shown


def test_each_clip_at_work_has_its_row_with_stage_and_frames_and_all_have_one() -> None:
    shown = drawn("en", "a", "b", "c", "d")
    assert "c.mp4 (2)" in shown
    assert "checking" in shown
    assert "7/10" in shown
    assert "d.mp4" in shown
    assert "a.mp4" not in shown, "what is done with leaves the table"
    assert "2/4" in shown
    assert "1 failed" in shown
    assert "left" in shown


def test_in_japanese_the_table_is_japanese() -> None:
    shown = drawn("ja", "a", "b", "c", "d")
    for word in ("全体", "検査", "失敗 1", "残り"):
        assert word in shown


def test_a_name_moves_nothing_on_the_terminal_and_is_shortened() -> None:
    shown = drawn("en", "a", "b", "[red]\x1b[2J" + "long" * 20, "d")
    assert "\x1b[2J" not in shown
    assert "[red]\\x1b" in shown
    assert "…" in shown
