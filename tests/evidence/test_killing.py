"""kill -9, really: the same job is run again and again, and each time killed at one point later than the last."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from privmask.evidence import sweep
from privmask.evidence.hidden import Naming
from tests.conftest import ROOT
from tests.evidence.small import FOOTAGE, MASKED, companions, names, next_start, whole

NAMED = ["j", "Sj", "GSj", "GHSj", "GHNSj", "GHNPSj", "CGHNPSj"]
WHOLE = {"clip.mp4", "copy.mp4", *companions("copy.mp4")}


def _campaign(way: str, naming: Naming, folder: Path) -> str:
    command = [sys.executable, "-m", "tests.evidence.small", way, naming.value, str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout


def _killed(task: str, naming: Naming, folder: Path) -> list[Path]:
    """The folders in which the task was killed, one step later in each; in the last one it was not."""
    _campaign(task, naming, folder)
    return sorted(folder.iterdir(), key=lambda each: int(each.name))


def _drawn(found: set[str]) -> str:
    """What stands in a folder: S statement, G signature, H hashes, N note, P private tracks, C copy, j journal, d draft."""
    marks = {
        ".provenance.json": "S",
        ".provenance.json.sig": "G",
        ".SHA256SUMS": "H",
        ".how-to-check.txt": "N",
        ".private-tracks.jsonl": "P",
        "copy.mp4": "C",
        "publishing": "j",
    }
    letters = [next((mark for end, mark in marks.items() if name.endswith(end)), "d") for name in found - {"clip.mp4"}]
    return "".join(sorted(letters))


def _left_by_kills(naming: Naming, folder: Path) -> list[str]:
    """Kill the job at every point; what each kill left, after checking what the next start makes of it."""
    left = []
    for place in _killed("publishing", naming, folder):
        left.append(_drawn(names(place)))
        original, copy = place / "clip.mp4", place / "copy.mp4"
        published = next_start(original, copy)
        assert names(place) == (WHOLE if published else {"clip.mp4"})
        assert original.read_bytes() == FOOTAGE
        assert original.stat().st_mtime_ns == 1
        if published:
            assert copy.read_bytes() == MASKED
            assert whole(copy, original)
    return left


def _without_repeats(left: list[str]) -> list[str]:
    return [each for index, each in enumerate(left) if index == 0 or each != left[index - 1]]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a thousand jobs would wait for the disk most of the time."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def test_kill_9_at_any_point_leaves_nothing_until_names_are_given(place: Path) -> None:
    left = _left_by_kills(Naming.NAMELESS, place)
    # In this order: journal, statement, signature, hashes, note, tracks, copy, and the journal goes.
    assert _without_repeats(left) == ["", *NAMED, "CGHNPS"]
    assert len(left) > 100


def test_kill_9_at_any_point_where_files_need_a_name_leaves_drafts_until_the_next_start(place: Path) -> None:
    left = _left_by_kills(Naming.LINK, place)
    assert {"", "d", "dd", "ddddddd", "ddddddj", "CGHNPSj", "CGHNPS"} <= set(left)
    assert all(set("SGHNP") <= set(each) for each in left if "C" in each)
    assert len(left) > 120


def test_kill_9_at_any_point_where_files_are_renamed_leaves_drafts_until_the_next_start(place: Path) -> None:
    left = _left_by_kills(Naming.RENAME, place)
    drafts = (each[:-1] + "d" * (7 - len(each)) + "j" for each in NAMED)
    assert {"", "d", "dd", "d" * 7, *drafts, "CGHNPS"} <= set(left)
    assert all(set("SGHNP") <= set(each) for each in left if "C" in each)
    assert len(left) > 120


@pytest.mark.parametrize("naming", Naming, ids=lambda naming: naming.value)
def test_a_run_that_lost_its_name_and_is_killed_while_it_cleans_up_leaves_the_other_file_alone(
    naming: Naming, place: Path
) -> None:
    runs = _killed("losing", naming, place)
    left = {_drawn(names(run)) for run in runs}
    assert {"C", "Cj", "CSj", "CGSj", "CGHSj", "CGHNSj", "CGHNPSj"} <= {each.replace("d", "") for each in left}
    for run in runs:
        taken = (run / "copy.mp4").exists()
        assert next_start(run / "clip.mp4", run / "copy.mp4") == taken
        assert names(run) == {"clip.mp4"} | ({"copy.mp4"} if taken else set())
        assert not taken or (run / "copy.mp4").read_text() == "somebody's"


def test_a_run_whose_disk_breaks_at_last_and_that_is_killed_while_it_cleans_up_leaves_all_or_nothing(
    place: Path,
) -> None:
    runs = _killed("failing", Naming.NAMELESS, place)
    left = [_drawn(names(run)) for run in runs]
    assert _without_repeats(left) == ["", *NAMED, *NAMED[-2::-1], ""]
    for run in runs:
        published = next_start(run / "clip.mp4", run / "copy.mp4")
        assert names(run) == (WHOLE if published else {"clip.mp4"})


def test_a_start_that_is_killed_while_it_clears_away_is_finished_by_the_next(place: Path) -> None:
    runs = _killed("starting", Naming.NAMELESS, place)
    left = [_drawn(names(run)) for run in runs]
    assert _without_repeats(left) == ["GHNPSdj", "GHNPSj", "GNPSj", "GPSj", "GSj", "Gj", "j", ""]
    for run in runs:
        assert not next_start(run / "clip.mp4", run / "copy.mp4")
        assert names(run) == {"clip.mp4"}


@pytest.mark.parametrize("naming", Naming, ids=lambda naming: naming.value)
def test_of_two_runs_that_publish_one_copy_at_once_one_wins(naming: Naming, place: Path) -> None:
    for number in range(20):
        (place / str(number)).mkdir()
        (place / str(number) / "clip.mp4").write_bytes(FOOTAGE)
    for line in _campaign("race", naming, place).splitlines():
        number_of_race, *ends = line.split()
        race = place / number_of_race
        assert ends == ["0", "7"]
        assert names(race) == WHOLE
        assert whole(race / "copy.mp4", race / "clip.mp4")
        assert sweep(race) == ()
    assert len(list(place.iterdir())) == 20
