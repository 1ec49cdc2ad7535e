"""The two-worker cluster of the README, on loopback: begun by its commands, and what befalls a batch on it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from privmask import verify_copy
from privmask.evidence.keychange import make_key
from privmask.evidence.keyring import ALLOWED
from tests.batch.made import NOON, small_clip
from tests.cli.conftest import environment
from tests.cli.test_batch import PLAN, copies, descriptors, has_ended, hidden, long_clip
from tests.conftest import ROOT

pytest.importorskip("distributed")
__all__ = ["long_clip"]

PORT = "8786"
PATIENCE = 300
"""Seconds for a batch, on a machine that is busy with other things."""


def readme_commands() -> list[list[str]]:
    """The three commands of the README's cluster, without the mark that puts the first two into the background."""
    (block,) = re.findall(r"```sh\n(dask scheduler.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return [shlex.split(line, comments=True) for line in block.replace(" &\n", "\n").splitlines()]


class Here:
    """A cluster on this machine; its clips are in `folder`."""

    def __init__(self, folder: Path, port: str, running: ExitStack) -> None:
        self.folder, self._port = folder, port
        scheduler, workers, self._batch = readme_commands()
        self.scheduler = self._begin(running, scheduler)
        self._begin(running, workers)

    def batch(self, *more: str) -> subprocess.Popen[str]:
        """The README's third command."""
        words = [sys.executable, "-m", "privmask", *self._at_port(self._batch)[1:], *more]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(words, cwd=self.folder, env=self._environment(), text=True, **pipes)  # type: ignore[call-overload,no-any-return]

    def at_work(self, batch: subprocess.Popen[str], clip: Path) -> tuple[int, int]:
        """The process that has the clip open, and the Dask worker that it belongs to."""
        while not has_ended(batch, within=0.05):
            for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
                try:
                    if str(clip) in descriptors(pid):
                        return pid, int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
                except (FileNotFoundError, PermissionError, ProcessLookupError):
                    continue
        raise AssertionError(batch.communicate())

    def _begin(self, running: ExitStack, words: list[str]) -> subprocess.Popen[bytes]:
        log = running.enter_context((self.folder / f"{words[1]}.log").open("w"))
        command = [sys.executable, "-m", *self._at_port(words)]
        begun = subprocess.Popen(command, cwd=self.folder, env=self._environment(), stdout=log, stderr=log)
        running.callback(begun.wait)
        running.callback(begun.terminate)
        return begun

    def _at_port(self, words: list[str]) -> list[str]:
        return [word.replace(PORT, self._port) for word in words]

    def _environment(self) -> dict[str, str]:
        return environment(PRIVMASK_KEYS=str(self.folder / "keys"), DASK_DISTRIBUTED__WORKER__DAEMON="False")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    make_key(tmp_path / "keys", "office", lambda: None, NOON)
    (tmp_path / "zones.toml").write_text(PLAN)
    with socket.socket() as free, ExitStack() as running:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        free.close()
        yield Here(tmp_path, port, running)


def test_the_three_commands_of_the_readme_and_what_befalls_a_batch_on_them(
    here: Here,
    long_clip: Path,
) -> None:
    """One story, because a cluster takes seconds to stand up."""
    for number in range(3):
        small_clip(here.folder / "clips" / f"{number}.mp4", seed=number)
    (here.folder / "clips" / "ruined.mp4").write_bytes(b"no clip at all")
    _every_copy_is_signed_but_that_of_the_ruined_clip(here)
    (here.folder / "clips" / "ruined.mp4").unlink()
    os.link(long_clip, here.folder / "clips" / "long.y4m")
    _ctrl_c_ends_all_work(here)
    _a_dask_worker_killed_with_9_loses_nothing(here)
    _a_scheduler_killed_with_9_is_told(here)


def _every_copy_is_signed_but_that_of_the_ruined_clip(here: Here) -> None:
    out, err = here.batch("--json").communicate(timeout=PATIENCE)
    last = json.loads(out.splitlines()[-1])
    assert (last["exit_code"], last["counts"]) == (6, {"made": 3, "there": 0, "failed": 1, "left": 0}), err
    assert "not footage" in err
    allowed = here.folder / "keys" / ALLOWED
    for name in ("0.mp4", "1.mp4", "2.mp4"):
        copy, original = here.folder / "copies" / name, here.folder / "clips" / name
        assert verify_copy(copy, original=original, allowed_signers=allowed).holds


def _ctrl_c_ends_all_work(here: Here) -> None:
    batch = here.batch("--json")
    child, _ = here.at_work(batch, here.folder / "clips" / "long.y4m")
    batch.send_signal(signal.SIGINT)
    out, err = batch.communicate(timeout=PATIENCE)
    assert batch.returncode == 130, err
    assert json.loads(out.splitlines()[-1])["counts"]["left"] >= 1
    assert not Path(f"/proc/{child}").exists(), "when the batch has ended, so have its processes"
    assert copies(here.folder / "copies") == {"0.mp4", "1.mp4", "2.mp4"}
    assert hidden(here.folder / "copies") == []


def _a_dask_worker_killed_with_9_loses_nothing(here: Here) -> None:
    batch = here.batch("--json")
    _, worker = here.at_work(batch, here.folder / "clips" / "long.y4m")
    os.kill(worker, signal.SIGKILL)
    out, err = batch.communicate(timeout=PATIENCE)
    assert batch.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["counts"] == {"made": 1, "there": 3, "failed": 0, "left": 0}
    assert copies(here.folder / "copies") == {"0.mp4", "1.mp4", "2.mp4", "long.mp4"}
    assert hidden(here.folder / "copies") == []


def _a_scheduler_killed_with_9_is_told(here: Here) -> None:
    for path in (here.folder / "copies").glob("long.mp4*"):
        path.unlink()
    batch = here.batch()
    here.at_work(batch, here.folder / "clips" / "long.y4m")
    here.scheduler.kill()
    out, err = batch.communicate(timeout=PATIENCE)
    assert (batch.returncode, "the scheduler went away" in err) == (7, True), out + err
    assert "Traceback" not in err


def test_an_address_where_nobody_answers_is_told() -> None:
    script = (
        "from privmask.batch import Limits\nfrom privmask.batch.cluster import Cluster\nfrom privmask.errors import PlanError\n"
        "try:\n    Cluster('tcp://127.0.0.1:9', Limits(), None, patience=0.5)\nexcept PlanError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment(), timeout=60)
    assert "nobody answers there" in done.stdout, done.stderr
    assert done.stderr == ""
