from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import time
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from privmask.evidence.keys import new_key
from privmask.geometry import Size
from privmask.language import Text
from privmask.masks import MaskPlan
from privmask.parts import SEARCHED_MEANWHILE, Parts
from privmask.passing import PassedThrough
from tests.cli.conftest import Privmask, Street, command, environment
from tests.parts.test_parts import workers_of
from tests.video.clips import make_clip

WINDOW = "0.3,0.1 0.6,0.1 0.6,0.7 0.3,0.7"


class Corridor:
    """Stands where `mask_clip` is, and notes what it was called with."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(self, original: Path, copy: Path, plan: MaskPlan, **options: Any) -> Any:
        self.calls.append({"original": original, "copy": copy, "plan": plan, **options})
        return self

    copy, statement = Path("copy.mp4"), Path("copy.mp4.provenance.json")
    frames, notices, self_check, seconds = 3, (Text("音声を除きました", "sound was dropped"),), None, {"masking": 0.5}
    signature, note, tracks = None, None, None
    key_id, sightings = None, {"face": 2}
    passed_through = PassedThrough((), 1, None)
    parts, search_parts = Parts(1, 1, "one process was asked for"), None

    def as_data(self) -> dict[str, object]:
        return {"frames": 3}


@pytest.fixture
def corridor(monkeypatch: pytest.MonkeyPatch) -> Corridor:
    fake = Corridor()
    monkeypatch.setattr("privmask.copying.mask_clip", fake)
    return fake


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that keys are looked for in; nothing is in it."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("PRIVMASK_KEYS", str(folder))
    return folder


def put_key(path: Path, passphrase: bytes | None = None) -> str:
    """Make a private key there, and its .pub beside it; its fingerprint."""
    text, public = new_key(passphrase)
    path.touch(0o600)
    path.write_bytes(text)
    path.with_name(f"{path.name}.pub").write_text(public.text)
    return public.key_id


ZONED = ("mask", "clip.mp4", "-o", "copy.mp4", "--zone", WINDOW)


def test_without_a_key_no_copy_is_made_and_the_ways_out_are_said(
    privmask: Privmask, corridor: Corridor, keys: Path
) -> None:
    assert not any(keys.iterdir())
    done = privmask(*ZONED)
    assert (done.code, corridor.calls) == (2, [])
    for word in ("privmask keys new", "--key", "--agent", "--unsigned"):
        assert word in done.err


def test_the_default_key_signs_unless_another_one_is_named(privmask: Privmask, corridor: Corridor, keys: Path) -> None:
    default, other = put_key(keys / "signing-key"), put_key(keys / "other")
    assert privmask(*ZONED).code == 0
    assert privmask(*ZONED, "--key", keys / "other").code == 0
    assert privmask(*ZONED, "--agent", keys / "other.pub").code == 0
    assert privmask(*ZONED, "--unsigned").code == 0
    signers = [call["signer"] for call in corridor.calls]
    assert [signer and signer.key_id for signer in signers] == [default, other, other, None]


def test_who_signs_is_said_once(privmask: Privmask, corridor: Corridor, keys: Path) -> None:
    put_key(keys / "signing-key")
    ways = [("--key", keys / "signing-key"), ("--agent", keys / "signing-key.pub"), ("--unsigned",)]
    for one, other in itertools.combinations(ways, 2):
        done = privmask(*ZONED, *one, *other)
        assert (done.code, corridor.calls) == (2, [])
        assert "exclude each other" in done.err


def test_a_passphrase_is_asked_for_before_the_work_begins(
    privmask: Privmask, corridor: Corridor, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_key(keys / "signing-key", "浅間山".encode())
    (keys / "passphrase").touch(0o600)
    (keys / "passphrase").write_text("浅間山\n", encoding="utf-8")
    done = privmask(*ZONED)
    assert (done.code, corridor.calls) == (2, [])
    assert "PRIVMASK_PASSPHRASE_FILE" in done.err
    monkeypatch.setenv("PRIVMASK_PASSPHRASE_FILE", str(keys / "passphrase"))
    assert privmask(*ZONED).code == 0
    (keys / "passphrase").write_text("another")
    done = privmask(*ZONED)
    assert (done.code, len(corridor.calls)) == (3, 1)
    assert "wrong passphrase" in done.err


@pytest.mark.parametrize(
    "words", [["--key", "missing"], ["--key", "open"], ["--agent", "missing.pub"], ["--agent", "away.pub"]]
)
def test_a_key_that_cannot_sign_is_told_before_the_work_begins(
    words: list[str], privmask: Privmask, corridor: Corridor, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    put_key(keys / "open")
    (keys / "open").chmod(0o644)
    put_key(keys / "away")
    (keys / "away").unlink()
    done = privmask(*ZONED, words[0], keys / words[1])
    assert (done.code, corridor.calls) == (2 if words[1] == "open" else 3, [])
    assert words[1] in done.err or "did not sign" in done.err


def test_a_signed_copy_names_its_signature_and_its_note(
    process: Privmask, keys: Path, short: Street, tmp_path: Path
) -> None:
    key_id = put_key(keys / "signing-key")
    words = ["mask", short.clip, "--plan", short.plan]
    done = process(*words, "-o", "copy.mp4")
    assert done.code == 0, done.err
    assert f"signature  '{tmp_path}/copy.mp4.provenance.json.sig': by {key_id}" in done.out
    assert f"note       '{tmp_path}/copy.mp4.how-to-check.txt'" in done.out
    data = process(*words, "-o", "again.mp4", "--json").data
    assert (data["key_id"], Path(data["signature"])) == (key_id, tmp_path / "again.mp4.provenance.json.sig")
    assert Path(data["note"]) == tmp_path / "again.mp4.how-to-check.txt"
    verified = process("verify", "copy.mp4", "--allowed-signers", _line_of(keys / "signing-key.pub", tmp_path))
    assert verified.code == 0, verified.out


def _line_of(public: Path, folder: Path) -> Path:
    path = folder / "allowed_signers"
    path.write_text(f"office {public.read_text()}\n")
    return path


def test_the_words_reach_the_corridor_as_checked_values(privmask: Privmask, corridor: Corridor, street: Street) -> None:
    words = [
        "--plan",
        street.plan,
        "--audio",
        "keep",
        "--codec",
        "hevc",
        "--lossless",
        "--quality",
        "20",
        "--stream",
        "1",
    ]
    words += ["--preset", "slow", "--damaged", "hide", "--recorded-at", "2026-04-01T18:00+09:00", "--no-self-check"]
    words += ["--no-pass-through", "--jobs", "3"]
    done = privmask("mask", street.clip, "-o", "copy.mp4", "--unsigned", *words)
    assert done.code == 0
    (call,) = corridor.calls
    reading, writing = call["reading"], call["writing"]
    assert (call["original"], call["copy"]) == (street.clip, Path("copy.mp4"))
    assert [mask.token for mask in call["plan"].masks] == ["private-window", "neighbour-window", "number-plate"]
    assert (reading.stream, reading.damaged) == (1, "hide")
    assert (writing.audio, writing.codec, writing.lossless) == ("keep", "hevc", True)
    assert (writing.quality, writing.preset, writing.pass_through) == (20, "slow", False)
    assert call["recorded_at"] == datetime(2026, 4, 1, 9, tzinfo=UTC)
    assert call["self_check"] is False
    assert call["jobs"] == 3
    assert call["progress"] is None


def test_what_was_made_is_answered_and_notices_go_to_standard_error(privmask: Privmask, corridor: Corridor) -> None:
    words = ["mask", "clip.mp4", "-o", "copy.mp4", "--unsigned", "--zone", WINDOW]
    done = privmask(*words)
    assert "'copy.mp4'" in done.out
    assert "1 of 3 frames have nothing to hide, and travelled packet by packet" in done.out
    assert done.err == "note: sound was dropped\n"
    assert privmask("--lang", "ja", *words).err == "注意：音声を除きました\n"
    assert privmask(*words, "--json").data == {"frames": 3}
    assert corridor.calls[0]["writing"].pass_through


@pytest.mark.parametrize(
    ("processors", "gibibytes", "jobs"), [(1, 8, 1), (2, 8, 1), (8, 16, 4), (64, 5, 5), (64, 0, 1)]
)
def test_how_many_processes_there_are_follows_from_the_machine(
    privmask: Privmask, corridor: Corridor, monkeypatch: Any, processors: int, gibibytes: int, jobs: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(processors)))
    monkeypatch.setattr("privmask.parts.crew.free_memory", lambda: (gibibytes << 30) + 1)
    assert privmask("mask", "clip.mp4", "-o", "copy.mp4", "--unsigned", "--zone", WINDOW).code == 0
    assert corridor.calls[0]["jobs"] == jobs
    assert "shared" not in privmask("mask", "clip.mp4", "-o", "copy.mp4", "--unsigned", "--zone", WINDOW).out


def test_where_the_search_comes_first_there_is_one_process_for_each_processor(
    privmask: Privmask, corridor: Corridor, monkeypatch: Any
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(4)))
    monkeypatch.setattr("privmask.parts.crew.free_memory", lambda: 8 << 30)
    for words, jobs in ((["--two-pass"], 4), ([], 2)):
        assert privmask("mask", "clip.mp4", "-o", "copy.mp4", "--unsigned", "--faces", *words).code == 0
        assert corridor.calls[-1]["jobs"] == jobs


def test_zones_of_the_line_are_added_to_those_of_the_plan(
    privmask: Privmask, corridor: Corridor, street: Street
) -> None:
    zones = ["--zone", WINDOW, "--zone", "64,36 640,36 640,360", "--type", "Pixelated", "--color", "#FF0000"]
    assert privmask("mask", street.clip, "-o", "c.mp4", "--unsigned", "--plan", street.plan, *zones).code == 0
    plan = corridor.calls[0]["plan"]
    assert [mask.token for mask in plan.masks[3:]] == ["zone-1", "zone-2"]
    assert {mask.type for mask in plan.masks[3:]} == {"Pixelated"}
    assert plan.masks[4].polygon.points[0] == (Fraction(1, 10), Fraction(1, 10))
    assert plan.frame == Size(640, 360)


def test_pixel_corners_without_a_plan_are_those_of_the_clip(
    privmask: Privmask, corridor: Corridor, street: Street
) -> None:
    zone = "64,36 320,36 320,180"
    assert privmask("mask", street.clip, "-o", "c.mp4", "--unsigned", "--zone", zone).code == 0
    (mask,) = corridor.calls[0]["plan"].masks
    assert mask.polygon.points == ((Fraction(1, 10),) * 2, (Fraction(1, 2), Fraction(1, 10)), (Fraction(1, 2),) * 2)
    assert (mask.type, mask.color) == ("Color", "#000000")


def test_pixel_corners_are_those_of_the_clip_even_beside_a_plan_drawn_on_a_larger_picture(
    privmask: Privmask, corridor: Corridor, street: Street, tmp_path: Path
) -> None:
    plan, zone = tmp_path / "plan.toml", "64,36 320,36 320,180"
    plan.write_text(
        'format = "privmask.plan.v1"\nframe = [1920, 1080]\n[[mask]]\ntoken = "a"\npolygon = [[0, 0], [192, 0], [0, 108]]\n',
        encoding="utf-8",
    )
    assert privmask("mask", street.clip, "-o", "c.mp4", "--unsigned", "--plan", plan, "--zone", zone).code == 0
    assert corridor.calls[0]["plan"].masks[1].polygon.points[0] == (Fraction(1, 10), Fraction(1, 10))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to hide"),
        (["--zone", "0.1,0.1 0.2"], "zone"),
        (["--zone", WINDOW, "--color", "red"], "color"),
        (["--zone", WINDOW, "--recorded-at", "yesterday"], "no time"),
        (["--zone", WINDOW, "--recorded-at", "2026-04-01T18:00"], "time zone"),
        (["--zone", WINDOW, "--camera", "gate"], "--camera"),
        (["--plan", "missing.toml"], "missing.toml"),
    ],
)
def test_wrong_zones_and_times_are_told_before_anything_is_read(
    words: list[str], said: str, privmask: Privmask, corridor: Corridor
) -> None:
    done = privmask("mask", "clip.mp4", "-o", "copy.mp4", "--unsigned", *words)
    assert (done.code, done.out, corridor.calls) == (2, "", [])
    assert said in done.err


def test_type_and_colour_are_not_for_plans(privmask: Privmask, corridor: Corridor, street: Street) -> None:
    done = privmask("mask", "clip.mp4", "-o", "copy.mp4", "--unsigned", "--plan", street.plan, "--type", "blurred")
    assert (done.code, corridor.calls) == (2, [])
    assert "what the command line adds" in done.err


def test_a_street_is_masked_and_nothing_is_drawn_on_a_pipe(process: Privmask, street: Street, tmp_path: Path) -> None:
    done = process("mask", street.clip, "-o", "copy.mp4", "--plan", street.plan, "--unsigned", "--json")
    assert done.code == 0, done.err
    assert done.data["frames"] == 60
    assert "\x1b" not in done.err
    assert "%" not in done.err
    assert files(tmp_path) == [
        "copy.mp4",
        "copy.mp4.SHA256SUMS",
        "copy.mp4.how-to-check.txt",
        "copy.mp4.provenance.json",
    ]


def test_a_recorders_transport_stream_is_handed_out_as_one(process: Privmask, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "gate.ts", size=(96, 64), start=12_800 * 7)
    done = process("mask", clip, "-o", "copy.ts", "--zone", "0.3,0.1 0.6,0.1 0.6,0.7", "--unsigned", "--json")
    assert (done.code, done.data["frames"], done.data["codec_out"]) == (0, 12, "h264"), done.err
    assert process("verify", "copy.ts", "--unsigned").code == 0
    assert process("verify", "copy.ts", "--unsigned", "--original", clip).code == 0


def test_a_copy_is_never_replaced(process: Privmask, street: Street, tmp_path: Path) -> None:
    (tmp_path / "copy.mp4").write_text("mine")
    done = process("mask", street.clip, "-o", "copy.mp4", "--plan", street.plan, "--unsigned", "--json")
    assert (done.code, done.data["exit_code"]) == (7, 7)
    assert files(tmp_path) == ["copy.mp4"]
    assert (tmp_path / "copy.mp4").read_text() == "mine"


ODD_NAMES = [b"-o.mkv", b"two\nlines.mkv", b'it\'s "quoted".mkv', "隣の窓.mkv".encode(), b"a b;$(id).mkv"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_odd_names_work_and_are_shown_escaped(name: bytes, short: Street, tmp_path: Path) -> None:
    os.link(short.clip, os.path.join(os.fsencode(tmp_path), name))
    done = mask_process(tmp_path, short, "-o", b"copy-" + name, "--", name)
    assert done.returncode == 0, done.stderr.decode()
    assert os.path.isfile(os.path.join(os.fsencode(tmp_path), b"copy-" + name))
    shown = done.stdout.decode("utf-8")
    assert len(shown.splitlines()) == 5
    assert "none: nobody signed" in shown
    assert name.decode().replace("\n", "\\x0a") in shown


def test_an_original_whose_name_is_no_utf8_works_and_such_a_copy_is_refused(short: Street, tmp_path: Path) -> None:
    name = b"caf\xe9.mkv"
    os.link(short.clip, os.path.join(os.fsencode(tmp_path), name))
    assert mask_process(tmp_path, short, "-o", "copy.mkv", "--", name).returncode == 0
    refused = mask_process(tmp_path, short, "-o", name, "--", "copy.mkv")
    assert refused.returncode == 7
    assert b"Traceback" not in refused.stderr


def mask_process(folder: Path, street: Street, *words: str | bytes) -> subprocess.CompletedProcess[bytes]:
    whole = command("mask", "--plan", street.plan, "--unsigned", *words)
    return subprocess.run(whole, capture_output=True, cwd=folder, env=environment(), timeout=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_interrupted_job_leaves_nothing_behind(number: signal.Signals, street: Street, tmp_path: Path) -> None:
    long = tmp_path / "long.y4m"
    with long.open("wb") as file:
        head, _, frames = street.clip.read_bytes().partition(b"\n")
        file.write(head + b"\n" + frames * 8)
    words = command(
        "mask", "long.y4m", "-o", "copy.mp4", "--plan", street.plan, "--unsigned", "--preset", "slower", "--json"
    )
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
    ) as job:
        _wait_until_frames_flow(job)
        job.send_signal(number)
        out, err = job.communicate(timeout=20)
    assert job.returncode == 130, err.decode()
    assert json.loads(out) == {"error": {"kind": "Interrupted", "message": "interrupted"}, "exit_code": 130}
    assert files(tmp_path) == ["long.y4m"]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of two sections, slow and small."""
    made = tmp_path_factory.mktemp("long") / "long.mp4"
    return make_clip(made, size=(96, 64), rate=Fraction(8), frames=300)


def test_a_long_clip_is_shared_among_processes_and_its_copy_verifies(process: Privmask, long: Path) -> None:
    done = process("mask", long, "-o", "copy.mp4", "--unsigned", "--zone", WINDOW, "--jobs", "2")
    assert (done.code, done.err) == (0, "")
    assert "2 sections among 2 processes" in done.out
    assert process("verify", "copy.mp4", "--original", long, "--unsigned").code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_ends_all_processes_of_a_job(number: signal.Signals, long: Path, tmp_path: Path) -> None:
    words = command("mask", long, "-o", "copy.mp4", "--unsigned", "--zone", WINDOW, "--jobs", "2", "--json")
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
    ) as job:
        at_work = _wait_for_workers(job)
        job.send_signal(number)
        out, err = job.communicate(timeout=20)
    assert job.returncode == 130, err.decode()
    assert json.loads(out)["exit_code"] == 130
    assert files(tmp_path) == []
    assert not any(os.path.exists(f"/proc/{pid}") for pid in at_work)


def _wait_for_workers(job: subprocess.Popen[bytes]) -> list[int]:
    for _ in range(2000):
        if len(found := workers_of(job.pid)) == 2:
            return found
        assert job.poll() is None, job.communicate()
        time.sleep(0.01)
    raise AssertionError("no workers came")


def _wait_until_frames_flow(job: subprocess.Popen[bytes]) -> None:
    """Until the decoding and encoding threads run, as the kernel counts them."""
    for _ in range(2000):
        if len(os.listdir(f"/proc/{job.pid}/task")) > 4:
            return
        assert job.poll() is None, job.communicate()
        time.sleep(0.01)
    raise AssertionError("no threads came")


@pytest.mark.parametrize(("words", "told"), [(["--jobs", "2"], True), ([], False), (["--jobs", "1"], False)])
def test_who_asks_for_many_processes_is_told_what_lets_them_search(
    privmask: Privmask,
    corridor: Corridor,
    street: Street,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    told: bool,
) -> None:
    monkeypatch.setattr(corridor, "parts", Parts(1, 1, SEARCHED_MEANWHILE))
    done = privmask("mask", street.clip, "-o", "copy.mp4", "--faces", "--unsigned", *words)
    assert done.code == 0, done.err
    assert ("with --two-pass, --jobs shares the search" in done.err) == told


def test_who_searched_is_said_beside_who_masked(
    privmask: Privmask, corridor: Corridor, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corridor, "search_parts", Parts(3, 7, None))
    done = privmask("mask", street.clip, "-o", "copy.mp4", "--faces", "--two-pass", "--jobs", "3", "--unsigned")
    assert corridor.calls[0]["jobs"] == 3
    assert "searched   7 sections among 3 processes" in done.out
