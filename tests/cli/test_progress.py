from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path

from privmask.cli.progress import progress_bar
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


def test_drawing_costs_little() -> None:
    from privmask.cli.progress import _bars, _Painter
    from privmask.copying import Progress

    with _bars() as bars:
        paint = _Painter(bars).paint
        start = time.perf_counter()
        for number in range(2000):
            paint(Progress("masking", number, None))
        assert time.perf_counter() - start < 1
