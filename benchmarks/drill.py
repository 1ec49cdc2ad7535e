"""Every way of tampering with a copy, and what verification says of it; then fifty honest copies, and whether any is accused.

    python benchmarks/drill.py [FOLDER]

FOLDER holds the shared footage (video/, image/); left out, it is the one that the tests use. The first table has a row for
each tampering: who does it, whether it takes the original to see it, which check fails, and its words. A tampering that
passes or is not named, a good copy that does not hold, and a crash end the script with 1. The vectors are those of tests/.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import textwrap
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the vectors are the tests'

from rich.console import Console
from rich.table import Table

from tests.conftest import footage_folder
from tests.honest import HONEST, Honest, complaints
from tests.tampering import VECTORS, Kind, Scene, Vector, make_scene
from tests.tampering.scene import check_of

Row = tuple[str, ...]

_LONGEST = 180
"""Characters of a reason that are shown; where each of many frames is named, the first tells enough."""


def main() -> None:
    """Run both drills, print the tables, and end with 1 where anything is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=footage_folder())
    folder = parser.parse_args().folder
    started = time.process_time()
    with tempfile.TemporaryDirectory() as place:
        tampered = list(_tampered(Path(place)))
        honest = [_honest(case, folder, Path(place) / f"honest-{n}") for n, case in enumerate(HONEST)]
    _print("Tampering", ("what", "who", "copy", "seen with", "check", "what verification says"), tampered)
    _print("Honest copies", ("what", "verdict"), honest)
    named, fine = (sum(row[-1].startswith("✓") for row in rows) for rows in (tampered, honest))
    print(
        f"{named} of {len(tampered)} tamperings named, {len(honest) - fine} false alarms on {len(honest)} honest copies;",
        end=" ",
    )
    print(f"{time.process_time() - started:.0f} s of processor time")
    sys.exit(named != len(tampered) or fine != len(honest))


def _tampered(place: Path) -> Iterator[Row]:
    good: dict[Kind, Scene] = {}
    for number, vector in enumerate(sorted(VECTORS, key=lambda vector: (vector.check, vector.attacker))):
        if vector.kind not in good:
            (place / vector.kind).mkdir()
            good[vector.kind] = make_scene(vector.kind, place / vector.kind)
        folder = place / f"scene-{number}"
        shutil.copytree(good[vector.kind].folder, folder)
        said = _or_crash(partial(_named, vector, good[vector.kind].at(folder)))
        what = vector.tamper.__name__.replace("_", " ")
        yield what, vector.attacker, vector.kind, "original" if vector.original else "copy", str(vector.check), said


def _named(vector: Vector, scene: Scene) -> str:
    vector.apply(scene)
    verdict = scene.verify(with_original=vector.original)
    complaint = vector.complaint(verdict)
    return f"✗ {complaint}" if complaint else f"✓ {textwrap.shorten(check_of(verdict, vector.check).reason, _LONGEST)}"


def _honest(case: Honest, footage: Path, folder: Path) -> Row:
    folder.mkdir()
    return case.name, _or_crash(
        lambda: "; ".join(f"✗ {each}" for each in complaints(case, folder, _finder(footage))) or "✓"
    )


def _finder(folder: Path) -> Callable[[str], Path]:
    return lambda name: next(path for path in sorted(folder.rglob(name)) if path.is_file())


def _or_crash(work: Callable[[], str]) -> str:
    """A crash is a row of the table, and not the end of the drill."""
    try:
        return work()
    except Exception:  # whatever it is
        return f"✗ it crashed: {traceback.format_exc(limit=-1)}"


def _print(title: str, columns: Row, rows: list[Row]) -> None:
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=200, markup=False).print(table)


if __name__ == "__main__":
    main()
