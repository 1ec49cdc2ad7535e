"""`privmask batch` as people and programs use it: processes of its own, killed and interrupted in the middle as well."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from privmask import verify_copy
from privmask.evidence.keychange import make_key
from privmask.evidence.keyring import ALLOWED, KEY
from tests.batch.made import NOON, small_clip
from tests.cli.conftest import Privmask, command, environment
from tests.evidence.small import names

PLAN = """
format = "privmask.plan.v1"
[[mask]]
token = "window"
polygon = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.7]]
"""
QUICK = ("--plan", "zones.toml", "--preset", "ultrafast")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plan and two small clips in `in`."""
    (tmp_path / "zones.toml").write_text(PLAN)
    small_clip(tmp_path / "in" / "a.mp4")
    small_clip(tmp_path / "in" / "deep" / "b.mkv", seed=1)
    return tmp_path


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip that is quickly made, and takes some seconds to mask: noise, two frames of it in turn."""
    path, noise = tmp_path_factory.mktemp("long") / "long.y4m", Random(0)
    pair = [b"FRAME\n" + noise.randbytes(320 * 240 * 3 // 2) for _ in range(2)]
    path.write_bytes(b"YUV4MPEG2 W320 H240 F25:1 Ip A1:1 C420jpeg\n" + b"".join(pair) * 75)
    return path


@contextmanager
def begun(cwd: Path, *words: object, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A batch as a process of its own."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command("batch", *words), cwd=cwd, env=environment(**more), **pipes) as job:
        try:
            yield job
        finally:
            job.kill()


def finished(cwd: Path, *words: object, **more: str) -> tuple[int, str, str]:
    with begun(cwd, *words, **more) as job:
        out, err = job.communicate(timeout=120)
    return job.returncode, out, err


def workers_of(batch: int) -> list[int]:
    """The worker processes of a batch, as the kernel tells."""
    children = Path(f"/proc/{batch}/task/{batch}/children").read_text().split()
    return [int(pid) for pid in children if b"privmask.batch.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def descriptors(pid: int) -> list[str]:
    found = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(os.readlink(each))
        except FileNotFoundError:
            continue
    return found


def at_work(batch: subprocess.Popen[str], clip: Path) -> int:
    """The worker that has the clip open; waits for it by asking the kernel."""
    while not has_ended(batch, within=0.02):
        for pid in workers_of(batch.pid):
            try:
                if str(clip) in descriptors(pid):
                    return pid
            except (FileNotFoundError, PermissionError):
                continue
    raise AssertionError(batch.communicate())


def has_ended(batch: subprocess.Popen[str], within: float) -> bool:
    """Whether it ends in so many seconds."""
    with suppress(subprocess.TimeoutExpired):
        batch.wait(within)
    return batch.poll() is not None


def is_alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def copies(out: Path) -> set[str]:
    return {str(path.relative_to(out)) for path in out.rglob("*") if path.suffix in (".mp4", ".mkv")}


def hidden(out: Path) -> list[Path]:
    """What is unfinished and has a name."""
    return [path for path in out.rglob(".*") if path.is_file()]


def test_a_folder_is_masked_signed_and_reported_and_a_second_run_finds_it_done(folder: Path) -> None:
    make_key(folder / "keys", "office", lambda: b"a passphrase", NOON)
    (folder / "passphrase").touch(0o600)
    (folder / "passphrase").write_text("a passphrase\n")
    more = {"PRIVMASK_KEYS": str(folder / "keys"), "PRIVMASK_PASSPHRASE_FILE": str(folder / "passphrase")}
    words = ("in", "-o", "out", *QUICK, "--jobs", 2)
    code, out, err = finished(folder, *words, "--json", "--report", "r.html", "--report", "r.json", **more)
    assert (code, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["ending"] for line in lines[:-1]} == {"made"}
    assert lines[-1]["counts"]["made"] == 2
    assert json.loads((folder / "r.json").read_text())["counts"] == lines[-1]["counts"]
    assert "すべてそろっています" in (folder / "r.html").read_text("utf-8")
    for copy, original in (("a.mp4", "a.mp4"), ("deep/b.mkv", "deep/b.mkv")):
        verdict = verify_copy(
            folder / "out" / copy, original=folder / "in" / original, allowed_signers=folder / "keys" / ALLOWED
        )
        assert verdict.holds, verdict
    code, out, err = finished(folder, *words, **more)
    assert (code, out) == (0, "there already 2\n")
    assert "there already  " in err


def test_a_passphrase_is_in_no_worker_s_arguments_or_environment(folder: Path, long_clip: Path) -> None:
    make_key(folder / "keys", "office", lambda: b"open sesame", NOON)
    terminal, line = os.openpty()
    os.link(long_clip, folder / "in" / "long.y4m")
    words = command("batch", "in", "-o", "out", *QUICK, "--jobs", 1, "--key", folder / "keys" / KEY)
    with subprocess.Popen(words, cwd=folder, env=environment(TERM="xterm"), stdin=line, stdout=line, stderr=line,
                          start_new_session=True, preexec_fn=_own_terminal) as batch:  # fmt: skip
        os.close(line)
        shown = b""
        while b"Passphrase of" not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, b"open sesame\n")
        worker = at_work(batch, folder / "in" / "long.y4m")  # type: ignore[arg-type]  # its pipes are not asked for
        told = Path(f"/proc/{worker}/cmdline").read_bytes() + Path(f"/proc/{worker}/environ").read_bytes()
        shown += _rest(terminal)
    assert batch.returncode == 0, shown.decode()
    assert b"open sesame" not in told
    assert shown.count(b"Passphrase of") == 1, "it is asked for once"
    assert all(
        Path(f"{folder}/out/{copy}.provenance.json.sig").is_file() for copy in ("a.mp4", "deep/b.mkv", "long.mp4")
    )


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _rest(terminal: int) -> bytes:
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:  # the last writer is gone
        pass
    os.close(terminal)
    return shown


def test_a_killed_worker_loses_nothing_a_ruined_clip_fails_alone_and_a_rerun_does_what_is_missing(
    folder: Path, long_clip: Path
) -> None:
    clip, ruined = folder / "in" / "long.y4m", folder / "in" / "c.mp4"
    os.link(long_clip, clip)
    ruined.write_bytes(b"no clip at all")
    words = ("in", "-o", "out", *QUICK, "--unsigned", "--jobs", 1)
    with begun(folder, *words, "--json") as batch:
        os.kill(at_work(batch, clip), signal.SIGKILL)
        out, err = batch.communicate(timeout=120)
    assert batch.returncode == 6, err
    assert "not footage" in err
    told = {Path(line["original"]).name: line for line in map(json.loads, out.splitlines()[:-1])}
    assert {name: line["ending"] for name, line in told.items() if line["ending"] != "made"} == {"c.mp4": "failed"}
    assert {name: line["attempts"] for name, line in told.items()} == {
        "a.mp4": 1,
        "b.mkv": 1,
        "c.mp4": 1,
        "long.y4m": 2,
    }
    assert copies(folder / "out") == {"a.mp4", "deep/b.mkv", "long.mp4"}
    assert hidden(folder / "out") == []
    stood = {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*.*")}
    ruined.unlink()
    small_clip(ruined)
    code, out, _ = finished(folder, *words)
    assert (code, out) == (0, "made 1 · there already 3\n")
    assert all(path.stat().st_mtime_ns == then for path, then in stood.items())


def test_ctrl_c_ends_every_worker_at_once_and_leaves_nothing_half_made(folder: Path, long_clip: Path) -> None:
    clip = folder / "in" / "long.y4m"
    os.link(long_clip, clip)
    with begun(folder, "in", "-o", "out", *QUICK, "--unsigned", "--jobs", 2, "--json", "--report", "r.json") as batch:
        worker = at_work(batch, clip)
        batch.send_signal(signal.SIGINT)
        out, err = batch.communicate(timeout=30)
    assert batch.returncode == 130, err
    assert not is_alive(worker)
    assert "long.mp4" not in copies(folder / "out")
    assert hidden(folder / "out") == []
    last = json.loads(out.splitlines()[-1])
    assert (last["interrupted"], last["exit_code"]) == (True, 130)
    assert json.loads((folder / "r.json").read_text())["counts"]["left"] >= 1


def test_a_batch_killed_with_9_leaves_nobody_at_work_and_the_next_one_finishes(folder: Path, long_clip: Path) -> None:
    clip = folder / "in" / "long.y4m"
    os.link(long_clip, clip)
    with begun(folder, "in", "-o", "out", *QUICK, "--unsigned", "--jobs", 1) as batch:
        worker = at_work(batch, clip)
        batch.kill()
    while is_alive(worker):
        os.sched_yield()
    assert "long.mp4" not in copies(folder / "out")
    code, _, _ = finished(folder, "in", "-o", "out", *QUICK, "--unsigned", "--jobs", 1)
    assert code == 0
    assert copies(folder / "out") == {"a.mp4", "deep/b.mkv", "long.mp4"}
    assert hidden(folder / "out") == []


def test_two_batches_on_one_folder_share_the_work_and_do_not_hurt_each_other(folder: Path) -> None:
    for number in range(4):
        small_clip(folder / "in" / f"more-{number}.mp4", seed=number)
    words = ("in", "-o", "out", *QUICK, "--unsigned", "--jobs", 1, "--json")
    with begun(folder, *words) as one, begun(folder, *words) as two:
        told = [batch.communicate(timeout=120) for batch in (one, two)]
    assert (one.returncode, two.returncode) == (0, 0), told
    counts = [json.loads(out.splitlines()[-1])["counts"] for out, _ in told]
    assert sum(each["made"] for each in counts) == 6, "each copy was made once"
    assert sum(each["there"] for each in counts) == 6
    assert hidden(folder / "out") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("in", "-o", "in/copies"), "among the originals"),
        (("nothing", "-o", "out"), "cannot be read"),
        (("in",), "name a folder with -o"),
        (("in", "-o", "out", "--report", "r.txt"), ".html"),
        (("in", "-o", "out", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:9"), "--scheduler"),
        (("in", "-o", "out", "--camera", "gate", "--plan", "gone.toml"), "gone.toml"),
    ],
)
def test_what_is_wrong_is_told_before_any_work(
    words: Sequence[str], said: str, folder: Path, privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    done = privmask("batch", "--plan", "zones.toml", *words, "--unsigned")
    assert done.code == 2
    assert said in done.err
    assert not (folder / "out").exists()
    assert names(folder / "in") == {"a.mp4", "deep"}


def test_nothing_to_hide_is_told(folder: Path, privmask: Privmask) -> None:
    done = privmask("batch", folder / "in", "-o", folder / "out", "--unsigned")
    assert (done.code, "nothing to hide" in done.err) == (2, True)


def test_a_report_s_name_that_is_taken_is_told_before_any_work(folder: Path, privmask: Privmask) -> None:
    (folder / "r.html").write_text("another report")
    words = ("--plan", folder / "zones.toml", "--unsigned", "--report", folder / "r.html")
    done = privmask("batch", folder / "in", "-o", folder / "out", *words)
    assert done.code == 7
    assert not (folder / "out").exists()


def test_the_same_command_again_writes_its_report_beside_the_earlier_one(folder: Path, privmask: Privmask) -> None:
    words = ("batch", folder / "in", "-o", folder / "out", "--plan", folder / "zones.toml", "--unsigned")
    reports = ("--report", folder / "r.html", "--report", folder / "r.json")
    assert privmask(*words, *reports).code == 0
    first = {path: path.read_bytes() for path in folder.glob("r*")}
    for number in (2, 3):
        done = privmask(*words, *reports)
        assert (done.code, f"r-{number}.html" in done.err, f"r-{number}.json" in done.err) == (0, True, True)
        assert json.loads((folder / f"r-{number}.json").read_text())["counts"]["there"] == 2
    assert {path: path.read_bytes() for path in first} == first
    assert len(list(folder.glob("r*"))) == 6


def test_without_dask_the_cluster_is_told_how_to_get_it(
    folder: Path, privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ("--plan", folder / "zones.toml", "--unsigned", "--scheduler", "tcp://127.0.0.1:9")
    done = privmask("batch", folder / "in", "-o", folder / "out", *words)
    assert (done.code, "pip install 'privmask[cluster]'" in done.err) == (2, True)
