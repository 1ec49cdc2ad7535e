"""All that the README quotes of speed, in one command: measures, writes one file of figures, draws the tables and the plots.

    python benchmarks/bench.py [--clip CLIP…] [--deface PYTHON] [--only PART…] [--quick] [--json FILE] [--check]
    python benchmarks/bench.py --take RESULTS…
    python benchmarks/bench.py --draw

Each part is a script of its own, which measures its baselines in the same run. The figures go to `figures.json` here, and
README.md, README.ja.md and the plots are drawn from it, as `--draw` does without measuring; with `--json` they go elsewhere,
and the plots beside them. `--only` measures these parts again and leaves the others in the file, if machine and versions are
the same, and `--take` puts in what a script wrote when it ran by itself. `--quick` is a trial of the programs: tiny clips,
one round, for no figures. `--check` ends with 1 where a part misses a bar of the project.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_plot import draw_plots
from bench_table import draw_tables
from measure import machine

HERE = Path(__file__).parent
FIGURES = HERE / "figures.json"
FOOTAGE = HERE.parents[1] / "shared" / "clips"


@dataclass(frozen=True, slots=True)
class Part:
    """A script and its words. A part without `quick` words is left out of a trial, one without `judges` knows no `--check`."""

    script: str
    words: tuple[str, ...] = ()
    quick: tuple[str, ...] | None = None
    judges: bool = True
    footage: bool = False


_OURS = ("--who", "privmask", "privmask with self-check")
_PEERS = ("--who", "ffmpeg overlay", "ffmpeg maskedmerge", "ffmpeg pixelating", "privmask pixelated")
_TINY = ("--seconds", "1", "--pairs", "1")
_SMALL = ("--size", "320x180", "--pairs", "1")

PARTS = {
    "whole job": Part("whole_job.py", _OURS, _TINY),
    "peers": Part("whole_job.py", _PEERS, _TINY),
    "given clips": Part("whole_job.py", (), ("--pairs", "1"), judges=False),
    "shares": Part("cost.py", ("--lengths",), (*_SMALL, "--shares", "0.3", "--seconds", "1"), judges=False),
    "lengths": Part("cost.py", ("--shares",), (*_SMALL, "--lengths", "1"), judges=False),
    "kernels": Part("kernels.py", (), ("--rounds", "1")),
    "startup": Part("startup.py", (), ("--runs", "1")),
    "memory": Part("memory.py"),
    "verify": Part("verify.py", (), ("--rounds", "1", "--gigabytes", "0.05")),
    "faces": Part("faces.py", footage=True),
    "footage": Part("footage.py", judges=False, footage=True),
    "passing": Part("passing.py"),
    "searching": Part("searching.py", footage=True),
    "batch": Part("batch.py"),
    "parts": Part("parts.py"),
    "register": Part("register.py"),
    "vault": Part("vault.py"),
}  # fmt: skip


def main() -> None:
    """Measure, write, draw; with --check judge."""
    words = _words()
    target = words.json or (HERE / "results" / "quick.json" if words.quick else FIGURES)
    missed: list[str] = []
    if words.take:
        _take(words.take, target)
    elif not words.draw:
        missed = _measure(words, target)
    figures = json.loads(target.read_text("utf-8"))
    draw_plots(figures["parts"], target.parent)
    if target == FIGURES:
        draw_tables(figures["parts"], HERE.parent)
    if words.check and missed:
        sys.exit("bars were missed in: " + ", ".join(missed))


def _measure(words: argparse.Namespace, target: Path) -> list[str]:
    """Measure the parts that are wanted, put each into the file as soon as it is done, and name those that missed a bar."""
    parts = kept(target) if words.only else {}
    missed = []
    for name in words.only or [name for name, part in PARTS.items() if is_possible(name, part, words)]:
        print(f"== {name}", flush=True)
        parts[name], held = measured(name, words)
        missed += [] if held else [name]
        _write(parts, target)
    return missed


def _take(results: list[Path], target: Path) -> None:
    taken: dict[str, Any] = {}
    for path in results:
        name = json.loads(path.read_text("utf-8"))["benchmark"]
        if name not in PARTS:
            sys.exit(f"{path}: the figures of {name!r} are no part by themselves; measure with --only {', '.join(PARTS)}")
        taken |= {name: kept(path)}
    _write({**kept(target), **taken}, target)


def _write(parts: dict[str, Any], target: Path) -> None:
    record = {"machine": machine(), "parts": {each: parts[each] for each in PARTS if each in parts}}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")


def kept(target: Path) -> dict[str, Any]:
    """The figures that were measured before; what they say of machine and versions must be so still."""
    if not target.exists():
        return {}
    record = json.loads(target.read_text("utf-8"))
    there, here = record["machine"], machine()
    differ = [
        f"{name}: {there[name]}, now {here[name]}" for name in there if here.get(name, there[name]) != there[name]
    ]
    if differ:
        sys.exit(
            f"the figures in {target.name} were measured with another {'; '.join(differ)}. Measure all, without --only"
        )
    return dict(record["parts"] if "parts" in record else record["figures"])


def is_possible(name: str, part: Part, words: argparse.Namespace) -> bool:
    """Whether all that the part needs is here; what is left out is said."""
    lacks = [
        (words.quick and part.quick is None, "it takes too long for a trial"),
        (name == "given clips" and not words.clip, "no --clip"),
        (not (HERE / part.script).exists(), f"there is no {part.script}"),
        (part.footage and not words.footage.is_dir(), f"no footage in {words.footage}"),
    ]
    reasons = [reason for lacking, reason in lacks if lacking]
    if reasons:
        print(f"== {name}: left out, {reasons[0]}", flush=True)
    return not reasons


def measured(name: str, words: argparse.Namespace) -> tuple[Any, bool]:
    """The figures of one part, and whether all its bars held; the whole benchmark ends where the script breaks."""
    part = PARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, str(HERE / part.script), *_arguments(name, part, words), "--json", str(out)]
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if not out.exists():
            sys.exit(f"{' '.join(command)}\nended with {ended.returncode}:\n{ended.stdout[-2000:]}")
        record = json.loads(out.read_text("utf-8"))
    if ended.returncode:
        print(*(line for line in ended.stdout.splitlines() if line.lower().startswith("missed")), sep="\n", flush=True)
    return (record["figures"] if isinstance(record, dict) else record), not ended.returncode


def _arguments(name: str, part: Part, words: argparse.Namespace) -> list[str]:
    return [
        *((str(words.footage),) if part.footage else ()),
        *part.words,
        *(part.quick if words.quick and part.quick else ()),
        *(("--clip", *map(str, words.clip)) if name == "given clips" else ()),
        *(("--deface", words.deface) if name == "faces" and words.deface else ()),
        *(("--check",) if part.judges else ()),
    ]


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--clip", type=Path, nargs="+", default=[], help="clips of your own, besides the generated ones"
    )
    parser.add_argument("--deface", help="a Python that has deface")
    parser.add_argument("--footage", type=Path, default=FOOTAGE, help="the folder of real clips with ground truth")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--take", type=Path, nargs="+", metavar="RESULTS", help="JSON files of single scripts")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--draw", action="store_true", help="measure nothing")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
