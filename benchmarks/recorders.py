"""Recorders put to the test: the drill, whether a watch keeps up with four cameras, and whether its memory stays flat.

    python benchmarks/recorders.py [drill] [cameras] [memory] [hook] [--minutes 10] [--speed 8] [--json FILE] [--check]

`drill`: a loopback RTSP camera recorded by `motion` and `ffmpeg -f segment`, `--minutes` of camera time at `--speed`; hooks
and a segment list tell a watch, each delivery three times; three kills (9) of a worker, two of a recorder, one of the watch.
`cameras`: CPU seconds that a watch takes for a minute of four cameras of 720p15, zones only. `memory`: a thousand small
segments, and what the watch holds after every hundred. `hook`: CPU and wall time of `privmask hook`. With --check it ends with
1 where a bar is missed; wall times are to be believed on a quiet machine only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the drill is the tests'

from imageio_ffmpeg import get_ffmpeg_exe

from tests.recorders.drill import Drill

PLAN = """format = "privmask.plan.v1"
[[mask]]
token = "window"
polygon = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.7]]
[[mask]]
token = "door"
polygon = [[0.7, 0.5], [0.9, 0.5], [0.9, 0.9], [0.7, 0.9]]
"""
CAMERAS, RATE, LENGTH = 4, 15, 10
SEGMENTS = 1000
GROWTH = 8 << 20
"""Bytes that a watch may hold more after the last segment than after the first two hundred."""
HOOK_WALL = 0.1


def drill(place: Path, words: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    found = Drill(place, seconds=words.minutes * 60 / words.speed, speed=words.speed, length=10).run()
    good = not found.wrong and found.copies == found.contents
    brief = {**asdict(found), "good": len(found.good), "broken": len(found.broken)}
    return {name: value for name, value in brief.items() if name != "status"}, good


def cameras(place: Path, _: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """A minute of each of four cameras, in segments of ten seconds; the machine has two processors."""
    for camera in range(CAMERAS):
        (place / "rec" / f"camera{camera}").mkdir(parents=True)
        for number in range(60 // LENGTH):
            _clip(place / "rec" / f"camera{camera}" / f"2026-11-23_10-00-{number * LENGTH:02d}.mp4", camera, number)
    seconds, wall = _watched(place)
    share = seconds / 60
    bar = 2.0
    return {
        "cpu_seconds_per_minute": round(seconds, 1),
        "wall": round(wall, 1),
        "processors_needed": round(share, 2),
    }, share <= bar


def memory(place: Path, _: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Segments that come one after the other while a watch runs; what its two processes hold in between."""
    (place / "rec").mkdir()
    (place / "plan.toml").write_text(PLAN)
    small = place / "small.mp4"
    _ffmpeg("-f", "lavfi", "-i", "testsrc=s=160x120:r=5:d=1", "-c:v", "libx264", "-preset", "ultrafast", str(small))
    watch = subprocess.Popen(_words(place), stderr=subprocess.DEVNULL)
    held: list[int] = []
    try:
        for number in range(SEGMENTS):
            draft = place / f"{number}.mp4"
            content = small.read_bytes()
            draft.write_bytes(content + (8 + number).to_bytes(4, "big") + b"free" + bytes(number))  # bytes of its own
            draft.rename(place / "rec" / f"{number:04d}.mp4")
            if number % 100 == 99:
                _until(lambda done=number: _status(place).get("done", 0) > done)  # type: ignore[misc]
                held.append(_resident(watch.pid))
    finally:
        watch.send_signal(signal.SIGTERM)
        watch.wait()
    grown = held[-1] - held[1]
    return {"segments": SEGMENTS, "held_mib": [each >> 20 for each in held], "grown_bytes": grown}, grown <= GROWTH


def hook(place: Path, _: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    (place / "a.mp4").write_bytes(b"x")
    walls, seconds = [], []
    for _turn in range(20):
        before, began = os.times(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "privmask", "hook", "--queue", str(place / "queue"), str(place / "a.mp4")],
            check=True,
        )
        walls.append(time.perf_counter() - began)
        after = os.times()
        seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
    middle = statistics.median(walls)
    return {"wall_ms": round(middle * 1000), "cpu_ms": round(statistics.median(seconds) * 1000)}, middle <= HOOK_WALL


def _clip(path: Path, camera: int, number: int) -> None:
    picture = f"testsrc2=s=1280x720:r={RATE}:d={LENGTH}"
    moved = f"rotate={camera * 20 + number * 3}*PI/180,noise=alls=3:allf=t"
    _ffmpeg("-f", "lavfi", "-i", picture, "-vf", moved, "-c:v", "libx264", "-preset", "veryfast", "-g", "30", str(path))


def _ffmpeg(*words: str) -> None:
    subprocess.run([get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *words], check=True)


def _words(place: Path, *more: str) -> list[str]:
    watch = [sys.executable, "-m", "privmask", "watch", str(place / "rec"), "--out", str(place / "out")]
    return [*watch, "--plan", str(place / "plan.toml"), "--unsigned", "--queue", str(place / "queue"), *more]


def _watched(place: Path) -> tuple[float, float]:
    """CPU and wall seconds of a watch that masks all that is there."""
    (place / "plan.toml").write_text(PLAN)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(_words(place, "--once", "--still", "0"), check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - began


def _status(place: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((place / "out" / ".privmask-watch" / "status.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def _resident(pid: int) -> int:
    """Bytes that this process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the watch does not come to its end")
        time.sleep(0.2)


PARTS = {"drill": drill, "cameras": cameras, "memory": memory, "hook": hook}


def main() -> None:
    """Run the parts that are asked for, print what came of them, and with --check end with 1 where a bar is missed."""
    words = _parsed()
    results, held = {}, True
    for name in words.parts or PARTS:
        place = Path(tempfile.mkdtemp(prefix=f"privmask-{name}-"))
        try:
            result, good = PARTS[name](place, words)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        results[name] = {**result, "holds": good}
        held = held and good
        print(f"{name}: {json.dumps(results[name], indent=1)}", flush=True)
    if words.json:
        words.json.write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(1 if words.check and not held else 0)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--speed", type=float, default=8)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
