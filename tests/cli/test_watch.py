"""`privmask watch`, `hook` and `segments` as somebody sets them up."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from privmask.batch import Job
from privmask.office import open_office
from privmask.recorders.governed import SiteWorker
from tests.batch.made import job, small_clip
from tests.cli.conftest import Privmask, command, environment
from tests.cli.governed import AT, enter
from tests.test_governing import NO_REFERENCE
from tests.video.clips import make_clip

PLAN = """format = "privmask.plan.v1"
[[mask]]
token = "window"
polygon = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.7]]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan and a recorder's folder, which is where one stands."""
    (tmp_path / "rec").mkdir()
    (tmp_path / "zones.toml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRIVMASK_QUEUE", str(tmp_path / "queue"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


WATCH = ("watch", "rec", "--out", "out", "--plan", "zones.toml", "--preset", "ultrafast")
ONCE = (*WATCH, "--unsigned", "--once", "--still", "0")


def until(holds: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        assert process is None or process.poll() is None
        time.sleep(0.02)


@contextmanager
def watching(here: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A watch in a process of its own, as soon as it watches."""
    process = subprocess.Popen(
        command(*WATCH, "--unsigned", *more),
        cwd=here, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(lambda: (here / "out" / ".privmask-watch" / "status.json").exists(), process)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_once_masks_what_is_there_and_ends(here: Path, privmask: Privmask) -> None:
    small_clip(here / "rec" / "a.mp4")
    done = privmask(*ONCE)
    assert done.code == 0, done.err
    assert "'a.mp4': masked, 6 frames" in done.err
    assert privmask("verify", "out/a.mp4", "--unsigned").code == 0
    (here / "rec" / "b.mp4").write_bytes(b"no clip")
    assert privmask(*ONCE).code == 6
    assert privmask(*ONCE).code == 0  # it is known


def test_closed_files_hooks_and_sigterm(here: Path) -> None:
    small_clip(here / "a.mp4")
    small_clip(here / "b.mp4", seed=10)
    with watching(here, "--metrics", "page.prom", "--status-file", "status.json") as process:
        shutil.copy(here / "a.mp4", here / "rec" / "a.mp4")
        until((here / "out" / "a.mp4").exists, process)
        os.link(here / "b.mp4", here / "rec" / "b.mp4")  # inotify tells of no close
        subprocess.run(command("hook", "rec/b.mp4"), cwd=here, env=environment(), check=True)
        until((here / "out" / "b.mp4").exists, process)
        until(lambda: json.loads((here / "status.json").read_bytes())["done"] == 2, process)
        assert not any((here / "queue").iterdir())
        second = subprocess.run(
            command(*WATCH, "--unsigned"), cwd=here, env=environment(), capture_output=True, text=True
        )
        assert (second.returncode, "another privmask watch" in second.stderr) == (2, True)
        running = subprocess.run(
            command("watch", "rec", "--out", "out", "--status"), cwd=here, env=environment(), capture_output=True
        )
        assert json.loads(running.stdout)["running"] is True
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "watching" in said
    assert "privmask_watch_done 2.0" in (here / "page.prom").read_text()
    assert json.loads((here / "out" / ".privmask-watch" / "status.json").read_bytes())["running"] is False


def test_control_c_ends_it_as_every_other_command(here: Path) -> None:
    with watching(here) as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130


def test_segments_listed_on_standard_input_are_told_of(here: Path) -> None:
    small_clip(here / "rec" / "a.mp4")
    done = subprocess.run(
        command("segments", "rec"), cwd=here, env=environment(), input="a.mp4,0.0,1.0\na.mp4,0.0,1.0\n", text=True
    )
    assert done.returncode == 0
    assert len(list((here / "queue").iterdir())) == 1
    strange = subprocess.run(
        command("segments", "rec"),
        cwd=here,
        env=environment(),
        input="what\nnix.mp4,0,1\n",
        text=True,
        capture_output=True,
    )
    assert strange.returncode == 6
    assert "names no segment" in strange.stderr
    assert "nix.mp4" in strange.stderr


def test_hook_takes_a_file_and_says_what_it_cannot_take(here: Path, privmask: Privmask) -> None:
    small_clip(here / "rec" / "a.mp4")
    quick = subprocess.run(command("hook", "rec/a.mp4", "rec/a.mp4"), cwd=here, env=environment())
    slow = privmask("--lang", "ja", "hook", "rec/a.mp4", "--queue", "other")
    assert (quick.returncode, slow.code) == (0, 0)
    assert [len(list((here / name).iterdir())) for name in ("queue", "other")] == [1, 1]
    gone = subprocess.run(command("hook", "gone.mp4"), cwd=here, env=environment(), capture_output=True, text=True)
    assert (gone.returncode, "'gone.mp4' is not told of" in gone.stderr) == (6, True)
    assert privmask("hook", "gone.mp4").code == 6
    (here / "file").touch()
    words = ("hook", "--queue", "file/queue", "rec/a.mp4")
    full = subprocess.run(command(*words), cwd=here, env=environment(), capture_output=True, text=True)
    slow = privmask("hook", "rec/a.mp4", "--queue", "file/queue")
    assert (full.returncode, slow.code) == (7, 7)
    for told in (full.stderr, slow.err):
        assert "file/queue': Not a directory; --queue names another folder" in told


def test_hook_takes_a_tenth_of_a_second_at_most(here: Path) -> None:
    small_clip(here / "rec" / "a.mp4")
    seconds = []
    for _ in range(5):
        before = os.times()
        subprocess.run(command("hook", "rec/a.mp4"), cwd=here, env=environment(), check=True)
        after = os.times()
        seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(seconds) < 0.1  # of the processor's time, which nobody else takes part in


@pytest.mark.parametrize(("more", "said"), [
    ((), "there is no key to sign with"),
    (("--unsigned", "--poll", "--recorder", "hook"), "--poll"),
    (("--unsigned", "--recorder", "nobody"), "nobody"),
    (("--unsigned", "--pattern", "plain"), "--pattern"),
    (("--unsigned", "--time-zone", "Mars/Base"), "Mars/Base"),
    (("--unsigned", "--camera", "gate", "--plan", "gone.toml"), "gone.toml"),
    (("--unsigned", "--out", "rec"), "--out"),
    (("--unsigned", "--out", "."), "--out"),
    (("--unsigned", "--metrics", "here"), "--metrics"),
    (("--exception", "why", "--unsigned"), "--site"),
])  # fmt: skip
def test_what_is_wrong_is_said_before_it_watches(
    here: Path, privmask: Privmask, more: tuple[str, ...], said: str
) -> None:
    small_clip(here / "rec" / "a.mp4")
    done = privmask(*WATCH, *more)
    assert (done.code, said in done.err) == (2, True), done.err
    assert not (here / "out" / "a.mp4").exists()


def test_a_key_with_a_passphrase_and_nobody_to_ask_is_said_before_it_watches(
    here: Path, privmask: Privmask, process: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "passphrase").write_text("long enough for anybody\n")
    (here / "passphrase").chmod(0o600)
    monkeypatch.setenv("PRIVMASK_PASSPHRASE_FILE", str(here / "passphrase"))
    key = here / "keys" / "key"
    key.parent.mkdir(mode=0o700)
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", "long enough for anybody", "-f", str(key)]
    subprocess.run(words, check=True)
    small_clip(here / "rec" / "a.mp4")
    signed = privmask(*WATCH, "--once", "--still", "0", "--key", key)
    assert signed.code == 0, signed.err
    assert (here / "out" / "a.mp4.provenance.json.sig").exists()
    monkeypatch.delenv("PRIVMASK_PASSPHRASE_FILE")
    refused = process(*WATCH, "--once", "--still", "0", "--key", key)
    assert (refused.code, "PRIVMASK_PASSPHRASE_FILE" in refused.err) == (2, True)


def test_a_plan_of_several_cameras_takes_a_pattern_or_a_camera(here: Path, privmask: Privmask) -> None:
    Path("zones.toml").write_text(
        PLAN + 'camera = "gate"\n' + PLAN.partition("\n")[2].replace("window", "door") + 'camera = "yard"\n'
    )
    for number, camera in enumerate(("gate", "yard", "attic")):
        small_clip(here / "rec" / camera / "2026-11-23_10-00-00.mp4", seed=10**number)
    assert privmask(*ONCE).code == 2
    done = privmask(*ONCE, "--pattern", "mediamtx")
    assert done.code == 6
    assert "'attic' is not in the plan" in done.err
    statement = json.loads(Path("out/yard/2026-11-23_10-00-00.mp4.provenance.json").read_bytes())
    assert [mask["token"] for mask in statement["predicate"]["plan"]["mask"]] == ["door"]


def test_hours_lift_a_mask_only_where_the_zone_of_the_names_is_known(here: Path, privmask: Privmask) -> None:
    Path("zones.toml").write_text(PLAN + 'hours = ["18:00-06:00"]\n')
    small_clip(here / "rec" / "2026-11-23_12-00-00.mp4")
    assert privmask(*ONCE).code == 0
    assert privmask(*ONCE[:2], "--out", "known", *ONCE[4:], "--time-zone", "Asia/Tokyo").code == 0

    def hidden(out: str) -> object:
        text = Path(out, "2026-11-23_12-00-00.mp4.provenance.json").read_bytes()
        return json.loads(text)["predicate"]["reading"]["recorded_at"]

    assert (hidden("out"), hidden("known")) == (None, "2026-11-23T12:00:00+09:00")


def test_the_unit_for_systemd_gives_this_very_command(here: Path, privmask: Privmask) -> None:
    done = privmask(*WATCH, "--unsigned", "--pattern", "{camera}/%Y%m%d", "--systemd")
    assert done.code == 0
    (line,) = (line for line in done.out.splitlines() if line.startswith("ExecStart="))
    for word in (
        f"watch {here}/rec",
        f"--plan {here}/zones.toml",
        "--unsigned",
        '"{camera}/%%Y%%m%%d"',
        f"--queue {here}/queue",
    ):
        assert word in line
    assert "--systemd" not in line
    assert f"ReadWritePaths={here}/out {here}/queue" in done.out
    assert not (here / "out").exists()


def test_a_status_of_nothing_is_refused(here: Path, privmask: Privmask) -> None:
    assert privmask("watch", "rec", "--out", "out", "--status").code == 2
    assert not (here / "out").exists()


def test_under_a_sites_rules_each_segment_goes_into_the_vault_once(
    tmp_path: Path, privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = enter(tmp_path, monkeypatch, NO_REFERENCE)
    monkeypatch.setenv("PRIVMASK_QUEUE", str(tmp_path / "queue"))
    rec = tmp_path / "rec"
    for number, second in enumerate(("00", "30")):
        rec.mkdir(exist_ok=True)
        tags = {"title": "x" * number}
        make_clip(rec / f"2026-11-19_21-30-{second}.mp4", size=(192, 108), frames=4, tags=tags)
    given: list[list[str]] = []
    monkeypatch.setattr("privmask.recorders.governed._begun", _in_this_process(privmask, given))
    words = (
        "watch",
        rec,
        "--out",
        tmp_path / "out",
        "--site",
        "site.toml",
        "--camera",
        "gate",
        "--as",
        "sato",
        "--once",
        "--still",
        "0",
    )
    assert privmask(*words).code == 2  # neither a request nor an exception
    done = privmask(*words, "--exception", "the recorder hides nothing itself")
    assert done.code == 0, done.err
    assert all("--exception" in each for each in given)
    assert [each[each.index("--recorded-at") + 1] for each in given] == [
        f"2026-11-19T21:30:{s}+09:00" for s in ("00", "30")
    ]
    assert privmask(*words, "--exception", "again").code == 0
    assert len(given) == 2
    make_clip(rec / "evening.mp4", size=(192, 108), frames=4, tags={"title": "evening"})
    timeless = privmask(*words, "--exception", "again")
    assert (timeless.code, "does not tell when it was recorded" in timeless.err) == (6, True)
    assert len(given) == 2
    shutil.rmtree(tmp_path / "out" / ".privmask-watch" / "done")  # as if it had been killed before it wrote that down
    with open_office(site, AT) as office:
        assert len(list(office.vault().held())) == 2
        assert len(list(office.register.entries(kind="copy"))) == 2
    assert not list((tmp_path / "out").rglob("*.mp4"))


def _in_this_process(privmask: Privmask, given: list[list[str]]) -> object:
    """What begins a command: here, with the clock of these tests."""

    class Process:
        def __init__(self, words: list[str]) -> None:
            self.done = privmask(*words)
            self.returncode = self.done.code

        def communicate(self, timeout: float) -> tuple[bytes, None]:  # noqa: ARG002
            return self.done.out.encode(), None

    @contextmanager
    def begun(words: list[str]) -> Iterator[Process]:
        given.append(words)
        yield Process(words)

    return begun


def test_what_may_be_in_the_vault_already_is_looked_up_first() -> None:
    asked: list[Job] = []

    def is_made(each: Job) -> bool:
        asked.append(each)
        return True

    worker = SiteWorker(["no such command"], ["/rec/a.mp4"], is_made)
    (_, outcome) = worker.run([job(Path("/rec/a.mp4"), Path("/out/a.mp4"))])
    assert (getattr(outcome, "ending", None), len(asked)) == ("there", 1)
    *_, failed = worker.run([job(Path("/rec/a.mp4"), Path("/out/a.mp4"))])
    assert getattr(failed, "code", 0) == 1
