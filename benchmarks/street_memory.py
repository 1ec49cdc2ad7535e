"""Peak memory of `privmask mask --faces` on one minute and on ten of a made 1080p street: it must not grow with the clip.

    python benchmarks/street_memory.py [FOLDER] [--json FILE] [--check]

The street of benchmarks/variants.py, 14 faces at 25 frames a second, is repeated; ten minutes of it take six or seven.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from faces import FRAMES, RATE, masked, repeated
from measure import conclude
from memory import GROWTH_BAR, PEAK_BAR_MIB
from variants import find_cases


def main() -> None:
    """Make the street, measure, print, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    peaks = {minutes: _peak(words.folder, minutes) for minutes in (1, 10)}
    growth = peaks[10] / peaks[1]
    print(f"{peaks[1]:.0f} MiB for one minute, {peaks[10]:.0f} for ten, {growth:.3f} times as much")
    missed = [f"ten minutes take {growth:.3f} times the memory of one"] if growth > GROWTH_BAR else []
    missed += [f"{peak:.0f} MiB for {minutes} min" for minutes, peak in peaks.items() if peak > PEAK_BAR_MIB]
    conclude("street_memory", {"peak_mib": peaks, "ten_minutes / one_minute": round(growth, 3)}, missed, words)


def _peak(clips: Path, minutes: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        drafts = Path(folder)
        street = next(case.clip for case in find_cases(clips, drafts, []) if case.variant == "street 1080p")
        clip = repeated(street, minutes * 60 * RATE // FRAMES, drafts / "long.mp4")
        return masked(clip, drafts).peak_mib


if __name__ == "__main__":
    main()
