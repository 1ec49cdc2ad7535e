"""What the GStreamer element costs a 1080p picture of which 30 % is hidden, against `identity` in the same pipeline.

    python benchmarks/gst.py [--pictures N] [--json FILE] [--check]

CPU seconds of whole processes; each pipeline runs with N pictures and with 3 N, so that the start of GStreamer, Python and the
kernels drops out. The bar is for zones of type Color in I420 and NV12; the other types are told.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from measure import conclude
from privmask.recorders.gst.environment import gap, variables

BAR_MS = 0.5
ROUNDS = 5
PLAN = """
format = "privmask.plan.v1"
[[mask]]
token = "zone"
type = "{type}"
polygon = [[0.1, 0.1], [0.7, 0.1], [0.7, 0.6], [0.1, 0.6]]
"""


def main() -> None:
    """Measure, print, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    environment = {**os.environ, **variables(os.environ)}
    if missing := gap(environment):
        parser.exit(1, f"{missing.text}\n")
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for type in ("Color", "Pixelated", "Blurred"):
            plan = Path(folder) / f"{type}.toml"
            plan.write_text(PLAN.format(type=type))
            for layout in ("I420", "NV12"):
                figures[f"{type}, {layout}"] = _added_ms(layout, plan, words.pictures, environment)
                print(f"{type}, {layout}: {figures[f'{type}, {layout}']:.3f} ms of CPU more than identity", flush=True)
    missed = [
        f"{what} costs {ms:.3f} ms a picture" for what, ms in figures.items() if what.startswith("Color") and ms > BAR_MS
    ]
    conclude("gst", {name: round(ms, 3) for name, ms in figures.items()}, missed, words)


def _added_ms(layout: str, plan: Path, pictures: int, environment: dict[str, str]) -> float:
    return median(
        _picture_ms(layout, ["privmask", f"plan={plan}"], pictures, environment)
        - _picture_ms(layout, ["identity"], pictures, environment)
        for _ in range(ROUNDS)
    )


def _picture_ms(layout: str, element: list[str], pictures: int, environment: dict[str, str]) -> float:
    few, many = (_cpu(layout, element, number, environment) for number in (pictures, 3 * pictures))
    return 1000 * (many - few) / (2 * pictures)


def _cpu(layout: str, element: list[str], pictures: int, environment: dict[str, str]) -> float:
    """CPU seconds of one pipeline."""
    caps = f"video/x-raw,format={layout},width=1920,height=1080,framerate=25/1"
    source = ["videotestsrc", "pattern=black", f"num-buffers={pictures}", "!", caps, "!"]
    before = os.times()
    subprocess.run(
        ["gst-launch-1.0", "-q", *source, *element, "!", "fakesink"], env=environment, check=True, capture_output=True
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    main()
