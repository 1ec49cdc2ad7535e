"""Folders of keys for tests: made, changed, and (as a program) with the change killed at every point.

`python -m tests.evidence.rings WAY NAMING FOLDER` changes FOLDER/1, FOLDER/2, ... and kills each one step later than the last.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from privmask.evidence.hidden import Naming
from privmask.evidence.keychange import PENDING, Rotation, make_key, revoke_key, rotate_key
from privmask.evidence.keyring import KEY, find_key
from privmask.evidence.sshsig import NAMESPACE, PublicKey
from tests.evidence.small import die_at, end_of, in_child

WHO = "gate@office"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE, TWO, THREE = (NOON + timedelta(hours=hours) for hours in (1, 2, 3))


def make(ring: Path, now: datetime = NOON) -> PublicKey:
    return make_key(ring, WHO, lambda: None, now).key


def rotate(ring: Path, now: datetime = ONE) -> Rotation:
    return rotate_key(ring, lambda: None, now)


def names(ring: Path) -> set[str]:
    return {each.name for each in ring.iterdir()}


def ssh_keygen_verifies(ring: Path, signature: bytes, message: bytes, moment: datetime, *more: str) -> bool:
    """What `ssh-keygen -Y verify` says with the lists of the ring alone."""
    (ring.parent / "sig").write_bytes(signature)
    words = ["-Y", "verify", "-f", "allowed_signers", "-I", WHO, "-n", NAMESPACE, "-s", "../sig", *more]
    when = f"-Overify-time={moment:%Y%m%d%H%M%S}Z"
    return not subprocess.run(["ssh-keygen", *words, when], input=message, cwd=ring, capture_output=True).returncode


@contextlib.contextmanager
def file_system_of(naming: Naming) -> Iterator[None]:
    with mock.patch("privmask.evidence.keyring.naming_in", return_value=naming):
        yield


def making(ring: Path) -> None:
    make(ring)


def rotating(ring: Path) -> None:
    rotate(ring)


def recovering(ring: Path) -> None:
    """A rotation in a ring that `leave_behind` was in."""
    rotate(ring, TWO)


def leave_behind(ring: Path) -> None:
    """What a kill leaves just before the new key would get its name."""
    really = os.rename

    def killed(old: str, new: str, **where: int) -> None:
        if old == PENDING:
            raise KeyboardInterrupt
        really(old, new, **where)

    with (
        mock.patch("os.rename", killed),
        mock.patch("privmask.evidence.keychange.recover", return_value=None),
        contextlib.suppress(KeyboardInterrupt),
    ):
        rotate(ring)


def revoking(ring: Path) -> None:
    revoke_key(ring, find_key(ring, "current"), "lost", ONE)


def killed_everywhere(naming: Naming, folder: Path, task: Callable[[Path], None]) -> None:
    step, end = 0, -signal.SIGKILL
    while end == -signal.SIGKILL:
        step += 1
        ring = folder / str(step) / "keys"
        ring.parent.mkdir()
        if task is not making:
            make(ring)
            (ring.parent / "first").write_bytes((ring / KEY).read_bytes())
        if task is recovering:
            leave_behind(ring)

        def work(ring: Path = ring, step: int = step) -> None:
            with file_system_of(naming):
                die_at(step)
                task(ring)

        end = end_of(in_child(work))
    if end:
        raise SystemExit(f"the change that was not killed ended with {end}")


if __name__ == "__main__":
    os.umask(0o022)
    make(Path(sys.argv[3]) / "warm")  # loads all that is loaded late
    tasks = {"making": making, "rotating": rotating, "recovering": recovering, "revoking": revoking}
    killed_everywhere(Naming(sys.argv[2]), Path(sys.argv[3]), tasks[sys.argv[1]])
