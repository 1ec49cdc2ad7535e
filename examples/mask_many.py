"""Mask a folder of clips from Python, two at a time, each in a process of its own; begun again, it makes what is missing.

python examples/mask_many.py FOLDER PLAN OUT
"""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from privmask.batch import Event, Limits, Outcome, Pool, Wishes, prepare, run_batch


def main(folder: Path, plan: Path, out: Path) -> int:
    """Make the copies, unsigned, and say what came of each."""
    jobs, left_out = prepare(folder, out, Wishes(plan=plan))
    print(f"{len(jobs)} clips, and {len(left_out)} files that are none")

    def told(event: Event) -> None:
        if isinstance(event, Outcome):
            print(event.ending, jobs[event.number - 1].original, event.message or "")

    with closing(Pool(2, Limits(seconds=600, retries=1), signer=None)) as pool:
        return run_batch(jobs, pool, told, lambda: datetime.now(UTC)).exit_code


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
