"""One command for all figures: bars that are judged, parts that are put together, and a trial from end to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

import bench
import measure
from measure import Usage, ratio
from whole_job import make_clip, missed

BENCH = Path(__file__).resolve().parents[2] / "benchmarks" / "bench.py"


def job(
    *, plain: float = 1.0, pixelated: float = 0.85, checked: float = 1.35, evidence: float = 0.03
) -> dict[str, Any]:
    walls = {"privmask / ffmpeg": plain, "privmask pixelated / ffmpeg pixelating": pixelated}
    ratios = {
        name: {"cpu": 9.0, "wall": wall}
        for name, wall in {**walls, "privmask with self-check / privmask": checked}.items()
    }
    return {"ratios": ratios, "parts_of_the_job": {"evidence": evidence, "self-check": 0.3}}


def test_a_job_at_its_bars_misses_none() -> None:
    assert missed(job()) == []


@pytest.mark.parametrize(
    ("slower", "named"),
    [
        ({"plain": 1.01}, "privmask / ffmpeg: 1.01 of the wall time, the bar is 1.0"),
        ({"pixelated": 0.86}, "privmask pixelated / ffmpeg pixelating: 0.86 of the wall time, the bar is 0.85"),
        ({"checked": 1.36}, "privmask with self-check / privmask: 1.36 of the wall time, the bar is 1.35"),
        ({"evidence": 0.031}, "hashes, statement and custody: 3.1% of the job, the bar is 3%"),
    ],
)
def test_each_missed_bar_is_named(slower: dict[str, float], named: str) -> None:
    assert missed(job(**slower)) == [named]


def test_what_was_not_measured_misses_no_bar() -> None:
    assert missed({"ratios": {}, "parts_of_the_job": {}}) == []


def test_a_ratio_is_of_pairs_and_a_slow_round_falls_on_both() -> None:
    rounds = [{"a": Usage(1, 2, 0), "b": Usage(2, 4, 0)}, {"a": Usage(9, 9, 0), "b": Usage(18, 18, 0)}]
    assert ratio(rounds, "a", "b") == {"cpu": 0.5, "wall": 0.5}


def test_figures_of_other_versions_are_not_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "machine", lambda: {"cores": "2", "av": "2"})
    target = tmp_path / "figures.json"
    assert bench.kept(target) == {}
    target.write_text(json.dumps({"machine": {"cores": "2", "av": "2"}, "parts": {"kernels": 1}}))
    assert bench.kept(target) == {"kernels": 1}
    target.write_text(json.dumps({"machine": {"cores": "2", "av": "1"}, "parts": {"kernels": 1}}))
    with pytest.raises(SystemExit, match="av: 1, now 2"):
        bench.kept(target)


def test_what_a_script_wrote_by_itself_is_taken_in(tmp_path: Path) -> None:
    target, alone = tmp_path / "figures.json", tmp_path / "register.json"
    target.write_text(json.dumps({"machine": measure.machine(), "parts": {"vault": {"mib": 1}}}))
    alone.write_text(json.dumps({"benchmark": "register", "machine": measure.machine(), "figures": {"entries": 5}}))
    bench._take([alone], target)
    assert json.loads(target.read_text("utf-8"))["parts"] == {"register": {"entries": 5}, "vault": {"mib": 1}}


def test_a_part_that_breaks_ends_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bench.PARTS, "kernels", bench.Part("kernels.py", ("--no-such-word",)))
    words = Namespace(quick=False, clip=[], deface=None, footage=Path())
    with pytest.raises(SystemExit, match="no-such-word"):
        bench.measured("kernels", words)


def test_what_has_no_script_or_no_footage_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = Namespace(quick=False, clip=[], footage=tmp_path / "none")
    assert not bench.is_possible("later", bench.Part("later.py"), words)
    assert not bench.is_possible("faces", bench.PARTS["faces"], words)
    assert not bench.is_possible("given clips", bench.PARTS["given clips"], words)
    assert bench.is_possible("kernels", bench.PARTS["kernels"], words)
    assert capsys.readouterr().out.count("left out") == 3


@pytest.mark.slow
@pytest.mark.skipif("PRIVMASK_CAMPAIGN" not in os.environ, reason="minutes of measuring: make campaigns")
def test_a_trial_measures_a_given_clip_beside_ffmpeg_and_says_with_what(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "gate.mp4", seconds=1, rate=5, size="160x90")
    target = tmp_path / "out" / "figures.json"
    words = ["--quick", "--only", "given clips", "--clip", str(clip), "--json", str(target)]
    subprocess.run([sys.executable, str(BENCH), *words], check=True)
    record = json.loads(target.read_text("utf-8"))
    assert {"processor", "cores", "python", "av", "ffmpeg"} <= set(record["machine"])
    (found,) = record["parts"]["given clips"]["clips"]
    assert (found["clip"]["name"], found["clip"]["frames"]) == ("gate.mp4", 5)
    assert {"ffmpeg", "ffmpeg pixelating", "privmask", "privmask with self-check"} <= set(found["medians"])
    assert found["ratios"]["privmask / ffmpeg"]["wall"] > 0
    assert 0 < found["parts_of_the_job"]["evidence"] < 1
    assert (tmp_path / "out" / "speed.svg").is_file()


def test_the_machine_is_named_with_the_versions_of_both_ffmpegs() -> None:
    known = measure.machine()
    assert {"processor", "cores", "python", "privmask", "av", "FFmpeg in av", "ffmpeg", "sha256sum"} <= set(known)
    assert all(known.values())
