from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path

from privmask.cli.progress import _bars, _Painter, progress_bar
from privmask.copying import Progress
from tests.cli.conftest import Street, command, environment


def test_a_terminal_shows_frames_speed_and_time_left(street: Street, tmp_path: Path) -> None:
    outside, inside = pty.openpty()
    words = command("mask", street.clip, "-o", "copy.mp4", "--plan", street.plan, "--unsigned")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=inside, cwd=tmp_path, env=environment(TERM="xterm")) as job:
        os.close(inside)
        drawn = _read_all(outside)
        answered = job.communicate(timeout=30)[0]
    assert job.returncode == 0, drawn
    assert b"copy.mp4" in answered
    assert "masking" in drawn
    assert "frames" in drawn
    assert "fps" in drawn
    assert ":" in drawn  # minutes and seconds left


def _read_all(terminal: int) -> str:
    """What was written on a terminal; reading fails with EIO when the last writer is gone."""
    chunks = []
    try:
        while chunk := os.read(terminal, 4096):
            chunks.append(chunk)
    except OSError:
        pass
    finally:
        os.close(terminal)
    return b"".join(chunks).decode()


def test_on_a_pipe_there_is_no_bar_and_nothing_is_measured() -> None:
    with progress_bar() as progress:
        assert progress is None


def test_a_stage_that_comes_again_begins_again_and_drawing_costs_little() -> None:
    with _bars() as bars:
        painter = _Painter(bars)
        start = time.perf_counter()
        for number in (*range(1000), *range(1, 1000)):
            painter.paint(Progress("checking", number, 1000))
        assert time.perf_counter() - start < 1
        (task,) = bars.tasks
        assert task.total == 1000
        assert painter.began > start


def test_a_total_that_nobody_knows_is_not_made_up() -> None:
    with _bars() as bars:
        _Painter(bars).paint(Progress("masking", 7, None))
        (task,) = bars.tasks
        assert (task.total, task.fields["frames"]) == (None, "7")
