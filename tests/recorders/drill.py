"""A camera, two real recorders, a watch, and everything killed in turn: what a night of recording does to privmask, in seconds.

A loopback RTSP camera is recorded by `motion`, whose hook tells of each movie, and by `ffmpeg -f segment`, whose list goes to
`privmask segments`. Every delivery comes three times. Workers, recorders and the watch itself are killed (9) meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
from imageio_ffmpeg import get_ffmpeg_exe

from privmask.evidence import PROVENANCE, read_statement
from privmask.verifying import verify_copy
from tests.camera import Camera
from tests.conftest import ROOT
from tests.marked import ZONE, leaks

PLAN = f"""format = "privmask.plan.v1"
[[mask]]
token = "private"
polygon = [{", ".join(f"[{corner}]" for corner in ZONE.split())}]
"""
CLIPS = (".mp4", ".mkv", ".jpg")
_PATIENCE = 240.0


@dataclass
class Found:
    """What there was at the end: files by what became of them."""

    good: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    contents: int = 0
    copies: int = 0
    quarantined: int = 0
    stills: int = 0
    wrong: list[str] = field(default_factory=list)
    killed: dict[str, int] = field(default_factory=lambda: {"worker": 0, "recorder": 0, "watch": 0})
    status: dict[str, Any] = field(default_factory=dict)


class Drill:
    """Everything below `place`. `seconds` is how long it records, `speed` how fast the camera's time runs."""

    def __init__(self, place: Path, *, seconds: float, speed: float, length: float = 1.0) -> None:
        self.place, self._seconds, self._speed, self._length = place, seconds, speed, length
        self.rec, self.out, self.queue = place / "rec", place / "out", place / "queue"
        for folder in ("ffmpeg", "motion"):
            (self.rec / folder).mkdir(parents=True)
        (place / "plan.toml").write_text(PLAN)
        self._started = 0
        self.found = Found()

    def run(self) -> Found:
        """Record, kill, wait until all is done with, and look at every file."""
        with ExitStack() as stack:
            (self.place / "camera").mkdir()
            frames = round(
                15 * self._speed * (self._seconds + 10)
            )  # then its pictures come again, and so do their bytes
            camera = stack.enter_context(
                Camera(self.place / "camera", rate=15, gop=15, frames=frames, speed=self._speed)
            )
            watch = self._watch()
            ffmpeg, motion = self._ffmpeg(camera.url), self._motion(camera.url)
            try:
                for turn in range(6):
                    self._wait(self._seconds / 6)
                    if turn in (0, 2, 4):
                        self._kill_worker(watch)
                    if turn == 1:
                        self._until(lambda: self._recorded("ffmpeg", 2), "ffmpeg to record")
                        self._kill("recorder", ffmpeg)
                        ffmpeg = self._ffmpeg(camera.url)
                    if turn == 3:
                        self._until(lambda: self._recorded("motion", 2), "motion to record")
                        before = self._count("motion")
                        self._kill("recorder", motion)
                        motion = self._motion(camera.url)
                    if turn == 4:
                        self._kill("watch", watch)
                        watch = self._watch()
                self._until(lambda: self._recorded("motion", before + 2), "motion to record again")
                for process, how in ((ffmpeg, signal.SIGINT), (motion, signal.SIGTERM)):
                    _end(process, how)
                self._until(self._is_done, "everything to be done with")
                if _end(watch, signal.SIGTERM) != 0:
                    self.found.wrong.append(f"the watch ended with {watch.returncode}")
            finally:
                for process in (ffmpeg, motion, watch):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        self._look()
        return self.found

    def _watch(self) -> subprocess.Popen[bytes]:
        words = ["watch", self.rec, "--out", self.out, "--plan", self.place / "plan.toml", "--unsigned"]
        words += ["--queue", self.queue, "--still", "1", "--preset", "ultrafast"]
        return _begun(*_privmask(*words), log=self.place / "watch.log")

    def _ffmpeg(self, url: str) -> subprocess.Popen[bytes]:
        """ffmpeg, each line of whose list comes three times."""
        self._started += 1000
        told = _shell(*_privmask("segments", self.rec / "ffmpeg", "--queue", self.queue))
        listed = f"awk '{{print;print;print;fflush()}}' | {told}"
        record = _shell(
            *(get_ffmpeg_exe(), "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-an", "-c", "copy"),
            *("-f", "segment", "-segment_time", str(self._length), "-reset_timestamps", "1"),
            *("-segment_start_number", str(self._started)),
            *("-segment_list", "pipe:1", "-segment_list_type", "csv", self.rec / "ffmpeg" / "f%05d.mp4"),
        )
        return _begun("sh", "-c", f"{record} | ({listed})", log=self.place / "ffmpeg.log")

    def _motion(self, url: str) -> subprocess.Popen[bytes]:
        """motion, whose hook is called three times."""
        hook = _shell(*_privmask("hook", "--queue", self.queue)) + " %f"
        config = self.place / "motion.conf"
        config.write_text(
            f"daemon off\nlog_level 3\nlog_file {self.place / 'motion.log'}\ntarget_dir {self.rec / 'motion'}\n"
            f"camera_name gate\nnetcam_url {url}\nwidth 320\nheight 240\nframerate 15\nemulate_motion on\n"
            "movie_output on\nmovie_max_time 2\nmovie_codec mkv\nmovie_filename gate-%v-%Y%m%d%H%M%S\n"
            "picture_output first\npicture_filename gate-%v-%Y%m%d%H%M%S-%q\nwebcontrol_port 0\nstream_port 0\n"
            f"on_movie_end {hook}; {hook}; {hook}\n"
        )
        return _begun("motion", "-c", str(config), log=self.place / "motion.out")

    def _kill_worker(self, watch: subprocess.Popen[bytes]) -> None:
        """Kill a worker of the watch, as soon as it has one."""
        worker = self._until(lambda: next(_workers(watch.pid), None), "a worker")
        os.kill(worker, signal.SIGKILL)
        self.found.killed["worker"] += 1

    def _kill(self, who: str, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.found.killed[who] += 1

    def _count(self, recorder: str) -> int:
        return sum(path.suffix != ".jpg" for path in (self.rec / recorder).iterdir())

    def _recorded(self, recorder: str, least: int) -> bool:
        """Whether it has begun so many files: all but the last are finished."""
        return self._count(recorder) >= least

    def _is_done(self) -> bool:
        """Whether every file that is there is done with."""
        try:
            status = json.loads((self.out / ".privmask-watch" / "status.json").read_bytes())
        except (OSError, ValueError):
            return False
        self.found.status = status
        return len(self._ended()) >= len(self._files()) and status["waiting"] == status["at_work"] == 0

    def _files(self) -> list[Path]:
        return sorted(path for path in self.rec.rglob("*") if path.suffix in CLIPS and not path.is_symlink())

    def _ended(self) -> dict[str, list[str]]:
        """By the path of the original: what it ended as."""
        ended: dict[str, list[str]] = {}
        for path in (self.out / ".privmask-watch" / "done").glob("*.json"):
            data = json.loads(path.read_bytes())
            ended.setdefault(data["path"], []).append(data["copy"])
        for path in (self.out / "quarantine").glob("*.json"):
            ended.setdefault(json.loads(path.read_bytes())["path"], []).append("quarantine")
        return ended

    def _look(self) -> None:
        """Every file: good ones have one copy that holds, shows nothing private and names these bytes; others a notice."""
        ended, found = self._ended(), self.found
        copies = [path for path in self.out.rglob("*") if path.suffix in CLIPS]
        found.copies = len(copies)
        found.quarantined = sum(1 for _ in (self.out / "quarantine").glob("*.json"))
        hashes: dict[str, int] = {}
        good_ones: set[str] = set()
        for copy in copies:
            content = self._look_at(copy)
            hashes[content] = hashes.get(content, 0) + 1
        for path in self._files():
            found.stills += path.suffix == ".jpg"
            complaint, what = _complaint(path), ended.get(str(path), [])
            good = not complaint
            (found.good if good else found.broken).append(path.name)
            content = sha256(path.read_bytes()).hexdigest()
            made = hashes.get(content, 0)
            good_ones |= {content} if good else set()
            expected = 1 if good else 0
            if len(what) != 1 or (what == ["quarantine"]) == good or made != expected:
                found.wrong.append(f"{path.name}: {complaint or 'good'}, ended as {what}, {made} copies")
        found.contents = len(good_ones)
        found.wrong += [f"{count} copies of one original" for count in hashes.values() if count > 1]

    def _look_at(self, copy: Path) -> str:
        """The hash of the original that the copy is of."""
        if not verify_copy(copy, accept_unsigned=True).holds:
            self.found.wrong.append(f"{copy.name} does not hold")
        with av.open(str(copy)) as container:
            if any(leaks(frame) for frame in container.decode(video=0)):
                self.found.wrong.append(f"{copy.name} shows what is private")
        return read_statement(Path(f"{copy}{PROVENANCE}").read_bytes()).original_after.sha256

    def _wait(self, seconds: float) -> None:
        """Let the recorders record; nothing waits for the clock but they."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.05)

    def _until(self, holds: Callable[[], Any], what: str) -> Any:
        end = time.monotonic() + _PATIENCE
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"waited for {what}; {(self.place / 'watch.log').read_text()[-2000:]}")
            time.sleep(0.05)


def _complaint(path: Path) -> str:
    """What ffmpeg says against it when it decodes it all; "" where it says nothing."""
    words = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(words, capture_output=True, check=False)
    lines = done.stderr.decode(errors="replace").splitlines()
    said = "\n".join(line for line in lines if "[null @" not in line)  # what it writes to does not like uneven times
    return said[:300] or (f"exit {done.returncode}" if done.returncode else "")


def _workers(watch: int) -> Iterator[int]:
    for task in Path(f"/proc/{watch}/task").glob("*/children"):
        for child in task.read_text().split():
            with contextlib.suppress(OSError):
                if b"privmask.batch.child" in Path(f"/proc/{child}/cmdline").read_bytes():
                    yield int(child)


def _privmask(*words: object) -> list[str]:
    return [sys.executable, "-m", "privmask", *map(str, words)]


def _shell(*words: object) -> str:
    return " ".join(f"'{word}'" for word in words)


def _begun(*words: str, log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with log.open("ab") as file:
        return subprocess.Popen(words, stdout=file, stderr=file, env=environment, start_new_session=True)


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> int:
    os.killpg(process.pid, how)
    return process.wait(_PATIENCE)
