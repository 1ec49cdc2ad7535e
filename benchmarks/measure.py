"""How benchmarks measure: whole processes by the kernel's own accounting, in turn, as pairs, medians reported."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg

_PARTS = ("cpu", "wall")


@dataclass(frozen=True, slots=True)
class Usage:
    """One finished process: CPU and wall in seconds, peak resident memory in MiB."""

    cpu: float
    wall: float
    peak_mib: float


def run(command: Sequence[str], log: Path) -> Usage:
    """Run `command` to its end, its output going to `log`, and return what it used; a failure ends the benchmark."""
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def median(usages: Sequence[Usage]) -> Usage:
    """Median of each figure on its own."""
    return Usage(*(statistics.median(getattr(u, name) for u in usages) for name in ("cpu", "wall", "peak_mib")))


def ratio(rounds: Sequence[Mapping[str, Usage]], ours: str, theirs: str) -> dict[str, float]:
    """How many times as long `ours` takes as `theirs`: in each round of its own, and the median of that."""
    return {
        part: round(statistics.median(getattr(r[ours], part) / getattr(r[theirs], part) for r in rounds), 3)
        for part in _PARTS
    }


def ffmpeg() -> str:
    """Path of the ffmpeg program that serves as baseline."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def machine() -> dict[str, str]:
    """What a figure has to be read with: processor, cores, Python and library versions."""
    names = ("privmask", "av", "numba", "numpy", "opencv-python-headless", "opencv-python", "onnxruntime")
    versions = {name: metadata.version(name) for name in names if _installed(name)}
    return {
        "processor": platform.processor() or platform.machine(),
        "processor model": _processor(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **versions,
        "FFmpeg in av": av.ffmpeg_version_info,
        "ffmpeg": _told([ffmpeg(), "-version"], r"ffmpeg version (\S+)"),
        "sha256sum": _told(["sha256sum", "--version"], r"sha256sum (.*)"),
    }


def clip_facts(clip: Path) -> dict[str, Any]:
    """What a figure has to be read with: the clip's codec, size, frames and hash. All of it is decoded once."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        codec, width, height, rate = stream.codec_context.name, stream.width, stream.height, stream.average_rate
        frames = sum(1 for _ in container.decode(stream))
    return {
        "name": clip.name,
        "codec": codec,
        "width": width,
        "height": height,
        "frames": frames,
        "seconds": round(frames / float(rate or 25), 2),
        "bytes": clip.stat().st_size,
        "sha256": hashlib.sha256(clip.read_bytes()).hexdigest(),
    }


def report(name: str, figures: Any, out: Path | None) -> None:
    """Print the figures as JSON and, where `out` is given, write them there with the machine's facts."""
    record = {"benchmark": name, "machine": machine(), "figures": figures}
    text = json.dumps(record, indent=1, default=lambda value: asdict(value))
    print(text)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n")


def judged(parser: ArgumentParser) -> Namespace:
    """The words of a benchmark of pairs that knows a bar: to its own come --pairs, --json and --check."""
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def conclude(name: str, figures: dict[str, Any], missed: Sequence[str], words: Namespace) -> None:
    """Write the figures where `--json` says, name the bars that were missed, and end with 1 if `--check` asks for that."""
    if words.json:
        report(name, figures, words.json)
    for line in missed:
        print("MISSED", line)
    if words.check and missed:
        sys.exit(1)


def _processor() -> str:
    """The name that the kernel gives it, which `platform` does not know on Linux."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else None
    return found[1] if found else "unknown"


def _told(command: list[str], pattern: str) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return "none"
    found = re.search(pattern, said)
    return found[1] if found else "unknown"


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
