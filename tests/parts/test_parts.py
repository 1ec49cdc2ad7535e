"""A long clip is masked by several processes, and nobody can tell from the copy; where one of them fails, there is no copy."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from datetime import time as clock
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from privmask import (
    CopyError,
    FootageError,
    Mask,
    MaskPlan,
    PlanError,
    PrivmaskError,
    Reading,
    Result,
    Writing,
    mask_clip,
    verify_copy,
)
from privmask.copying import Progress
from privmask.errors import DamagedFootageError, EvidenceError, OriginalChangedError
from privmask.evidence.hidden import Naming
from privmask.geometry import Box
from privmask.masks import DynamicMask, Follow, Keep
from privmask.parts import Crew
from privmask.video import Sections
from privmask.watching import Looking
from tests.finders import Scripted, finder
from tests.parts.lying import LIE
from tests.plans import polygon, three_zones
from tests.video.clips import make_clip
from tests.video.travel import CLOSED

SHORT = Sections(1, 16)
PLAN = three_zones()
ZONE = Mask("window", polygon("1/4,1/4 3/4,1/4 3/4,3/4 1/4,3/4"), "Blurred")
MOVING = MaskPlan(
    (ZONE,),
    dynamic=(DynamicMask("face", "Pixelated"),),
    keep=(Keep("applicant", "asked for it", polygon=polygon("0,0 1/4,0 1/4,1/4 0,1/4")),),
    follow=Follow(Fraction(1, 10), Fraction(1, 10)),
)
FACES = {index: Box(10 + index, 20, 30 + index, 40) for index in range(20, 60)} | {
    index: Box(2, 2, 12, 12) for index in range(70, 75)
}


def noon() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=90, audio="aac", **CLOSED)


def masked(clip: Path, copy: Path, jobs: int, plan: MaskPlan = PLAN, **words: Any) -> Result:
    copy.parent.mkdir(exist_ok=True)
    writing = replace(words.pop("writing", Writing()), sections=SHORT)
    return mask_clip(clip, copy, plan, writing=writing, jobs=jobs, clock=noon, **words)


def left_by(result: Result) -> dict[str, bytes]:
    """All files of a copy."""
    return {path.name: path.read_bytes() for path in result.copy.parent.iterdir()}


def workers() -> list[int]:
    """The worker processes of this one."""
    return workers_of(os.getpid())


def workers_of(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            owner = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            words = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if (owner == parent and b"privmask.parts.child" in words) or (
            owner == parent and b"tests.parts.lying" in words
        ):
            found.append(int(path.name))
    return found


def assert_nothing_left(folder: Path) -> None:
    assert list(folder.iterdir()) == []
    assert workers() == []


CASES: dict[str, dict[str, Any]] = {
    "zones": {},
    "sound, in mkv": {"suffix": ".mkv", "writing": Writing(audio="keep")},
    "sound, in ts": {"suffix": ".ts", "writing": Writing(audio="keep")},
    "a zone that comes and goes": {
        "plan": MaskPlan((replace(ZONE, start=Fraction("0.9"), end=Fraction("2.1")),)),
        "writing": Writing(pass_through=False),
    },
    "without loss": {"writing": Writing(lossless=True, codec="h264")},
    "a zone with hours, on the clock of a clip that begins late": {
        "made": {"start": 51200},
        "plan": MaskPlan((replace(ZONE, hours=((clock(0, 1), clock(0, 2)),)),)),
        "recorded_at": datetime(2026, 4, 1, 0, 0, 58, tzinfo=UTC),
        "writing": Writing(pass_through=False),
    },
    "faces, searched before": {
        "plan": MOVING,
        "looking": Looking(two_pass=True, finder=finder(Scripted(FACES))),
        "writing": Writing(pass_through=False),
    },
}


@pytest.mark.parametrize("case", CASES)
def test_copy_and_statement_have_the_same_bytes_however_many_processes_make_them(
    clip: Path, tmp_path: Path, case: str
) -> None:
    words = dict(CASES[case])
    if "made" in words:
        clip = make_clip(tmp_path / "late.mp4", size=(96, 64), frames=90, **CLOSED, **words.pop("made"))
    name = f"copy{words.pop('suffix', '.mp4')}"
    tried = (1, 2, 3) if case == "zones" else (1, 2)
    results = [masked(clip, tmp_path / str(jobs) / name, jobs, **words) for jobs in tried]
    assert [(each.parts.jobs, each.parts.sections) for each in results] == [(jobs, 4) for jobs in tried]
    assert [each.parts.why_not for each in results] == ["one process was asked for", *[None] * (len(tried) - 1)]
    one, *others = map(left_by, results)
    assert "copy" in min(one)
    assert all(other == one for other in others)
    assert results[0].self_check == results[-1].self_check is not None
    assert verify_copy(results[-1].copy, original=clip, accept_unsigned=True).holds
    assert workers() == []


def test_the_statement_says_where_the_encoder_began_anew_and_the_answer_who_did_the_work(
    clip: Path, tmp_path: Path
) -> None:
    told: list[Progress] = []
    result = masked(clip, tmp_path / "out" / "copy.mp4", 9, progress=told.append)
    said = json.loads(result.statement.read_bytes())["predicate"]["encoder"]["sections"]
    assert said == {"seconds": "1", "frames": 16, "starts": [0, 25, 50, 75]}
    assert result.as_data()["parts"] == {"jobs": 4, "sections": 4, "why_not": None}
    for stage in ("masking", "checking"):
        frames = [each.frames for each in told if each.stage == stage]
        assert frames == sorted(frames)
        assert frames[-1] == 90
        assert {each.total for each in told if each.stage == stage} == {90}


def test_a_clip_of_one_section_says_nothing_of_sections(clip: Path, tmp_path: Path) -> None:
    result = mask_clip(clip, tmp_path / "copy.mp4", PLAN)
    assert "sections" not in json.loads(result.statement.read_bytes())["predicate"]["encoder"]
    assert result.as_data()["parts"] == {"jobs": 1, "sections": 1, "why_not": "one process was asked for"}


@pytest.mark.parametrize("jobs", [0, -1])
def test_no_process_is_a_wrong_word(clip: Path, tmp_path: Path, jobs: int) -> None:
    with pytest.raises(PlanError, match="--jobs"):
        masked(clip, tmp_path / "out" / "copy.mp4", jobs)


TIMED = MaskPlan((replace(ZONE, start=Fraction(1), end=Fraction(2)),))
WHOLE: dict[str, dict[str, Any]] = {
    "one process was asked for": {"jobs": 1},
    "no longer than one section": {"made": {"frames": 20}},
    "groups of its pictures travel": {"plan": TIMED},
    "what moves is looked for while": {"plan": MOVING, "looking": Looking(finder=finder(Scripted(FACES)))},
    "what is damaged is to be hidden": {"reading": Reading(damaged="hide")},
    "the copy is coded as hevc": {"writing": Writing(codec="hevc")},
    "the original is coded as mpeg4": {"made": {"codec": "mpeg4", "options": {}}},
    "it is interlaced": {"made": {"interlaced": "tff"}},
    "too far apart": {"made": {"gop": 90, "options": {}}},
    "its times were counted": {"suffix": ".h264"},
}


@pytest.mark.parametrize("why_not", WHOLE)
def test_where_a_section_alone_might_be_another_the_clip_is_done_in_one_piece_and_says_why(
    tmp_path: Path, why_not: str
) -> None:
    words = dict(WHOLE[why_not])
    made = {"size": (96, 64), "frames": 90, **CLOSED, **words.pop("made", {})}
    clip = make_clip(tmp_path / f"clip{words.pop('suffix', '.mp4')}", **made)
    result = masked(clip, tmp_path / "out" / "copy.mp4", words.pop("jobs", 2), **words)
    assert why_not in str(result.parts.why_not)
    assert result.parts.jobs == 1


def kill_one(stage: str) -> Callable[[Progress], None]:
    """A teller that kills a worker, once, when that stage has begun."""
    killed: list[int] = []

    def tell(progress: Progress) -> None:
        if progress.stage == stage and not killed:
            killed.extend(workers()[:1])
            os.kill(killed[0], signal.SIGKILL)

    return tell


@pytest.mark.parametrize("stage", ["masking", "checking"])
def test_a_worker_that_is_killed_leaves_no_copy_and_no_process(clip: Path, tmp_path: Path, stage: str) -> None:
    with pytest.raises(FootageError, match="SIGKILL") as raised:
        masked(clip, tmp_path / "out" / "copy.mp4", 2, progress=kill_one(stage))
    assert raised.value.text is not None
    assert "--jobs 1" in raised.value.text.ja
    assert_nothing_left(tmp_path / "out")


def interrupt(stage: str, progress: Progress) -> None:
    if progress.stage == stage:
        raise KeyboardInterrupt


@pytest.mark.parametrize("stage", ["masking", "checking"])
def test_an_interrupt_leaves_no_copy_and_no_process(clip: Path, tmp_path: Path, stage: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        masked(clip, tmp_path / "out" / "copy.mp4", 3, progress=partial(interrupt, stage))
    assert_nothing_left(tmp_path / "out")


def test_damage_is_told_as_one_process_tells_it(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", size=(96, 64), frames=90, **CLOSED)
    data = bytearray(clip.read_bytes())
    at = len(data) * 2 // 3
    data[at : at + 60] = bytes(60)
    clip.write_bytes(data)
    told = []
    for jobs in (1, 2):
        with pytest.raises(DamagedFootageError) as raised:
            masked(clip, tmp_path / str(jobs) / "copy.mp4", jobs)
        told.append(raised.value)
        assert_nothing_left(tmp_path / str(jobs))


def test_an_original_that_changes_meanwhile_is_told_as_changed(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=90, **CLOSED)

    def tell(progress: Progress) -> None:
        if progress.stage == "masking":
            with clip.open("r+b") as file:
                file.seek(-1, os.SEEK_END)
                file.write(b"!")

    with pytest.raises(OriginalChangedError):
        masked(clip, tmp_path / "out" / "copy.mp4", 2, progress=tell)
    assert_nothing_left(tmp_path / "out")


def test_a_full_disk_is_told_and_nothing_is_left(clip: Path, tmp_path: Path) -> None:
    """A bound on the size of files, which workers inherit, refuses what they write as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, before[1]))
    try:
        with pytest.raises(CopyError, match="cannot be written"):
            masked(clip, tmp_path / "out" / "copy.mp4", 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert_nothing_left(tmp_path / "out")


def test_processes_that_cannot_be_started_are_told_as_too_many(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_words: Any, **_more: Any) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(PlanError, match="2 processes cannot be started here") as raised:
        masked(clip, tmp_path / "out" / "copy.mp4", 2)
    assert raised.value.text is not None
    assert_nothing_left(tmp_path / "out")


def test_on_a_disk_without_nameless_files_nothing_is_left_either(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.evidence.draft.naming_in", lambda _folder, _name: Naming.RENAME)
    with pytest.raises(KeyboardInterrupt):
        masked(clip, tmp_path / "out" / "copy.mp4", 2, progress=partial(interrupt, "masking"))
    assert_nothing_left(tmp_path / "out")
    made = set(left_by(masked(clip, tmp_path / "out" / "copy.mp4", 2)))
    assert made == {f"copy.mp4{end}" for end in ("", ".SHA256SUMS", ".how-to-check.txt", ".provenance.json")}


LIES: dict[str, tuple[type[PrivmaskError], str]] = {
    "leaves one out": (CopyError, "packets of other frames"),
    "says what was not asked": (CopyError, "something else than what it was asked"),
    "babbles": (FootageError, "died"),
    "exits": (FootageError, "exit 3: out of order"),
    "checks less": (CopyError, "frames were checked"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_worker_says_is_not_believed(
    clip: Path, tmp_path: Path, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, words = LIES[lie]
    monkeypatch.setenv(LIE, lie)
    monkeypatch.setattr("privmask.copying.Crew", partial(Crew, child="tests.parts.lying"))
    with pytest.raises(error, match=words):
        masked(clip, tmp_path / "out" / "copy.mp4", 2)
    assert_nothing_left(tmp_path / "out")


def test_a_signer_that_fails_after_all_work_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    class Refusing:
        key_id = "SHA256:" + "A" * 43

        def sign(self, _message: bytes) -> bytes:
            assert workers() == []
            raise EvidenceError("the card was taken out")

    with pytest.raises(EvidenceError):
        masked(clip, tmp_path / "out" / "copy.mp4", 2, signer=Refusing())
    assert list((tmp_path / "out").iterdir()) == []


ALONE = """
import sys
from pathlib import Path
from tests.parts.test_parts import PLAN, masked
masked(Path(sys.argv[1]), Path(sys.argv[2]), 2, progress=lambda _: print("begun", flush=True) or sys.stdin.read())
"""


def test_when_its_owner_is_killed_a_worker_is_gone_at_once_and_no_copy_is_left(clip: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out" / "copy.mp4"
    places = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    owner = subprocess.Popen(
        [sys.executable, "-c", ALONE, str(clip), str(copy)], env=places, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"begun\n"
        at_work = workers_of(owner.pid)
        owner.kill()
    assert len(at_work) == 2
    deadline = time.monotonic() + 20
    while any(_lives(pid) for pid in at_work) and time.monotonic() < deadline:
        os.sched_yield()
    assert not any(_lives(pid) for pid in at_work)
    assert list(copy.parent.iterdir()) == []


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
