"""Faces that show: on every clip with ground truth, by height of the face, and the same for deface.

    python benchmarks/leak.py [FOLDER] [--variants all|none|NAME…] [--clips NAME…] [--sections SECONDS] [--deface PYTHON]
                              [--json FILE] [--check]

FOLDER holds INDEX.json, video/, image/ and gt/ (tests/conftest.py says where it is looked for). Each clip is searched and
followed as `privmask mask --faces` does it, each box grown by the default margin; a face leaks on a frame when less than
80 % of its middle is hidden. With `--sections` each clip is searched first, as with `--two-pass`, twice: in sections of so many
seconds, each of which begins anew, and at a stretch; `--check` then ends with 1 where more faces leak for the sections.
Clips without faces count false tracks. `--deface` names a Python in which deface is installed: it runs with its own defaults,
as a process of its own, and the whole of `privmask mask` is run beside it. `--check` ends with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from measure import conclude, run
from privmask.detect import Ask, make_detector
from privmask.detect.detector import Detector
from privmask.detect.follow import Hold, follow
from privmask.detect.sectioned import InSections
from privmask.detect.tracks import Followed
from privmask.detect.twopass import find_tracks
from privmask.frame import Frame
from privmask.geometry import Box, Size
from privmask.video import Cutter, Sections, Source, open_video
from scoring import HEIGHTS, Hidden, Score, score
from variants import VARIANTS, Case, find_cases

MARGIN = 0.3
_STRETCH = Fraction(10**6)
_FEWEST = 4
"""Frames of a section, at the least."""

DRIVER = Path(__file__).with_name("deface_boxes.py")


def main() -> None:
    """Score, print, check."""
    words = _words()
    with tempfile.TemporaryDirectory() as made:
        drafts = words.drafts or Path(made)
        drafts.mkdir(parents=True, exist_ok=True)
        found = []
        for case in find_cases(words.folder, drafts, words.variants):
            if words.clips and case.name not in words.clips:
                continue
            facts = ours(case, words.sections)
            found.append({"clip": case.name, "variant": case.variant, "privmask": facts})
            if words.sections:
                found[-1]["at a stretch"] = ours(case, _STRETCH)
            if words.deface:
                facts["cpu_ms"] = whole_job(case, drafts, facts["frames"])
                found[-1]["deface"] = theirs(case, words.deface, drafts)
            print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    _print(found)
    missed = lost_in_sections(found) if words.sections else missed_bars(found)
    conclude("leak", {"clips": found}, list(missed), words)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--variants", nargs="*", default=["none"], help=", ".join(VARIANTS))
    parser.add_argument("--clips", nargs="*", help="only these")
    parser.add_argument("--sections", type=Fraction, help="search first, in sections of so many seconds")
    parser.add_argument("--deface", help="a Python that has deface")
    parser.add_argument("--drafts", type=Path, help="keep made clips here")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    words.variants = {"all": list(VARIANTS), "none": []}.get(words.variants[0], words.variants)
    return words


def ours(case: Case, sections: Fraction | None = None) -> dict[str, Any]:
    """Search and follow as a job does, and score what would be hidden; with `sections` the search comes first."""
    decoding = _decode_only(case.clip)
    with case.clip.open("rb", buffering=0) as file, open_video(file) as source:
        picture, tracks, times = source.info.picture, set[int](), list[Fraction]()
        started = time.process_time()
        detector: Detector
        own = detector = make_detector(picture, [Ask("face")])
        boxes = []
        if sections is not None:
            begins = Cutter(Sections(sections, _FEWEST), source.info.time_base).begins
            detector = InSections(own, begins)
        for frame, sightings in _followed(source, detector, first=sections is not None):
            boxes.append([sighting.box for sighting in sightings])
            tracks.update(sighting.track for sighting in sightings)
            times.append(frame.end_time or frame.start_time)
        spent = time.process_time() - started - decoding
        hidden = (_hidden([_grown(box) for box in row], picture.displayed) for row in boxes)
        facts = _scored(case, hidden, len(boxes)).as_data()
        minutes = float(max(times) - min(times)) / 60
    return facts | {
        "frames": len(boxes),
        "tracks": len(tracks),
        "tracks_a_minute": round(len(tracks) / minutes, 2) if minutes else None,
        "search_ms": round(spent / len(boxes) * 1000, 1),
        "decode_ms": round(decoding / len(boxes) * 1000, 1),
        "card": detector.card(),
    }


def _followed(source: Source, detector: Detector, *, first: bool) -> Iterator[Followed]:
    """The frames with what is hidden on them; `first` searches all of them before the first one leaves."""
    size = source.info.picture.displayed
    if not first:
        yield from follow(source.frames(), detector, Hold(), size)
        return
    marks: list[Frame] = []

    def marked() -> Iterator[Frame]:
        for frame in source.frames():
            marks.append(replace(frame, planes=(), carrier=None))
            yield frame

    yield from find_tracks(marked(), detector, Hold(), size).along(marks)


def lost_in_sections(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Faces that leak because a clip was searched in sections, in words."""
    for row in (row for row in found if "at a stretch" in row):
        for height, at in row["privmask"]["heights"].items():
            before = row["at a stretch"]["heights"][height]["leaks"]
            if at["leaks"] > before:
                yield f"{row['clip']} ({row['variant']}): {at['leaks']} faces of {height} leak in sections, else {before}"


def whole_job(case: Case, drafts: Path, frames: int) -> float:
    """Milliseconds of CPU a frame of `privmask mask --faces` as a process of its own, its start included, as of deface."""
    copy = drafts / "job.mp4"
    words = [sys.executable, "-m", "privmask", "mask", str(case.clip), "-o", str(copy), "--faces", "--damaged", "hide"]
    usage = run([*words, "--unsigned", "--no-self-check"], drafts / "job.log")
    for each in drafts.glob("job.mp4*"):
        each.unlink()
    return round(usage.cpu / frames * 1000, 1)


def theirs(case: Case, python: str, drafts: Path) -> dict[str, Any]:
    """deface with its own defaults; the ellipses that it blurs are what it hides."""
    clip, copy, boxes = (drafts / f"{case.clip.stem}.{suffix}" for suffix in ("deface.mkv", "out.mp4", "boxes.jsonl"))
    _as_film(case.clip, clip)
    usage = run([python, str(DRIVER), str(clip), str(copy), str(boxes)], drafts / "deface.log")
    rows = [json.loads(line) for line in boxes.read_text().splitlines()]
    with case.clip.open("rb", buffering=0) as file, open_video(file) as source:
        size = source.info.picture.displayed
    facts = _scored(case, (_ellipses(row, size) for row in rows), len(rows)).as_data()
    return facts | {"frames": len(rows), "cpu_ms": round(usage.cpu / len(rows) * 1000, 1)}


def _scored(case: Case, hidden: Iterable[Hidden], frames: int) -> Score:
    return score(case.truth if case.truth is not None else [[]] * frames, hidden)


def _decode_only(clip: Path) -> float:
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        started = time.process_time()
        for _ in source.frames():
            pass
        return time.process_time() - started


def _as_film(clip: Path, film: Path) -> None:
    """deface reads no raw streams; a film of the same packets at 25 frames a second."""
    from measure import ffmpeg

    words = ["-v", "error", "-y", "-i", str(clip), "-an", "-c:v", "libx264", "-crf", "12", "-preset", "veryfast"]
    subprocess.run([ffmpeg(), *words, "-fps_mode", "passthrough", str(film)], check=True)


def _grown(box: Box) -> Box:
    across, down = MARGIN * (box.right - box.left), MARGIN * (box.bottom - box.top)
    return Box(box.left - across, box.top - down, box.right + across, box.bottom + down)


def _hidden(boxes: Iterable[Box], size: Size) -> Hidden:
    """The samples that the boxes touch."""
    hidden = np.zeros((size.height, size.width), bool)
    for box in boxes:
        rows = slice(max(0, int(np.floor(box.top))), max(0, int(np.ceil(box.bottom))))
        hidden[rows, max(0, int(np.floor(box.left))) : max(0, int(np.ceil(box.right)))] = True
    return hidden


def _ellipses(boxes: Iterable[list[int]], size: Size) -> Hidden:
    """What deface blurs of boxes: the ellipse in each, cut off one sample before the edge of the picture."""
    hidden = np.zeros((size.height, size.width), bool)
    for box in boxes:
        left, top = max(0, box[0]), max(0, box[1])
        right, bottom = min(size.width - 1, box[2]), min(size.height - 1, box[3])
        if right > left and bottom > top:
            y, x = np.ogrid[0 : bottom - top, 0 : right - left]
            middle_y, middle_x = (bottom - top) // 2, (right - left) // 2
            inside = ((y - middle_y) / max(1, middle_y)) ** 2 + ((x - middle_x) / max(1, middle_x)) ** 2 < 1
            hidden[top:bottom, left:right] |= inside
    return hidden


def missed_bars(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The bars of privmask's promise that these figures miss, in words; variants are only shown."""
    for row in (row for row in found if row["variant"] in ("as it is", "street 1080p")):
        facts, name = row["privmask"], f"{row['clip']} ({row['variant']})"
        for height, most in (("16–24", 0.005), ("24–32", 0), ("32–64", 0), (">64", 0)):
            at = facts["heights"].get(height)
            if at and at["leaks"] > most * at["faces"]:
                yield f"{name}: {at['leaks']} of {at['faces']} faces of {height} samples leak"
        if facts["over_masked"] > 0.04:
            yield f"{name}: {facts['over_masked']:.1%} of the picture hidden away from faces"
        if not facts["heights"] and facts["tracks"] > max(1, facts["tracks"] / (facts["tracks_a_minute"] or 1)):
            yield f"{name}: {facts['tracks_a_minute']} false tracks a minute"


def _print(found: Iterable[dict[str, Any]]) -> None:
    table = Table(title="Leaks: faces that show on a frame, of all (longest, in frames)")
    for column in ("clip", "variant", "who", *HEIGHTS, "over-masked", "tracks", "CPU ms a frame"):
        table.add_column(column, justify="left" if column in ("clip", "variant", "who") else "right")
    for row in found:
        for who in ("privmask", "at a stretch", "deface"):
            if who in row:
                table.add_row(row["clip"], row["variant"], who, *_cells(row[who]))
    Console(width=180).print(table)


def _cells(facts: dict[str, Any]) -> Iterator[str]:
    for height in HEIGHTS:
        at = facts["heights"].get(height)
        yield f"{at['leaks']}/{at['faces']} ({at['longest']})" if at else ""
    yield f"{facts['over_masked']:.2%}"
    yield str(facts.get("tracks", ""))
    yield str(facts.get("cpu_ms", facts.get("search_ms")))


if __name__ == "__main__":
    main()
