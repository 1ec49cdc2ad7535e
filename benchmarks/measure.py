"""How benchmarks measure: whole processes by the kernel's own accounting, in turn, as pairs, medians reported."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import imageio_ffmpeg


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


def ffmpeg() -> str:
    """Path of the ffmpeg program that serves as baseline."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def machine() -> dict[str, str]:
    """What a figure has to be read with: processor, cores, Python and library versions."""
    names = ("privmask", "av", "numba", "numpy", "opencv-python-headless", "opencv-python")
    versions = {name: metadata.version(name) for name in names if _installed(name)}
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **versions,
    }


def report(name: str, figures: dict[str, Any], out: Path | None) -> None:
    """Print the figures as JSON and, where `out` is given, write them there with the machine's facts."""
    record = {"benchmark": name, "machine": machine(), "figures": figures}
    text = json.dumps(record, indent=1, default=lambda value: asdict(value))
    print(text)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n")


def conclude(name: str, figures: dict[str, Any], missed: Sequence[str], words: Namespace) -> None:
    """Write the figures where `--json` says, name the bars that were missed, and end with 1 if `--check` asks for that."""
    if words.json:
        report(name, figures, words.json)
    for line in missed:
        print("MISSED", line)
    if words.check and missed:
        sys.exit(1)


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
