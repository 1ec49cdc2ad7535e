"""A copy counts as done only where its statement names this original, plan, options and key, and all bytes are as stated."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from privmask import mask_clip
from privmask.batch import Job, Options
from privmask.batch.done import made_before
from privmask.batch.jobs import Busy, Outcome
from privmask.batch.masking import mask_job
from privmask.detect.detector import NullDetector
from privmask.errors import CopyExistsError
from privmask.evidence.claims import claim_copy
from privmask.masks import DynamicMask, MaskPlan
from privmask.video import Reading, Writing
from tests.batch.made import NOON, ONE_THREAD, PLAN, job, small_clip
from tests.evidence.small import KEY, names
from tests.plans import three_zones
from tests.video.clips import make_clip


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A job whose signed copy is made."""
    folder = tmp_path_factory.mktemp("done")
    made = job(small_clip(folder / "clip.mp4"), folder / "copy.mp4", key_id=KEY.key_id)
    assert done(made, KEY).ending == "made"
    return made


@pytest.fixture
def again(first: Job, tmp_path: Path) -> Job:
    """The same job with files of its own."""
    shutil.copytree(Path(first.copy).parent, tmp_path, dirs_exist_ok=True)
    return replace(first, original=str(tmp_path / "clip.mp4"), copy=str(tmp_path / "copy.mp4"))


def done(wanted: Job, signer: Any = None) -> Outcome:
    outcome = mask_job(wanted, signer, lambda _: None)
    assert isinstance(outcome, Outcome)
    return outcome


def refusal(wanted: Job) -> str:
    with pytest.raises(CopyExistsError) as caught:
        made_before(wanted)
    assert caught.value.text
    assert caught.value.text.ja != str(caught.value)
    return str(caught.value)


def test_the_same_job_again_is_there_already_and_writes_nothing(again: Job) -> None:
    folder = Path(again.copy).parent
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    outcome = done(again, KEY)
    assert (outcome.ending, outcome.code, outcome.frames) == ("there", 0, 6)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_copy_in_a_transport_stream_is_there_already_as_well(tmp_path: Path) -> None:
    wanted = job(small_clip(tmp_path / "clip.mp4"), tmp_path / "copy.ts")
    assert (done(wanted).ending, done(wanted).ending) == ("made", "there")


@pytest.mark.parametrize(("threads", "bounds"), [(1, [1]), (0, [])])
def test_models_keep_to_the_threads_that_a_job_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int, bounds: list[int]
) -> None:
    told = list[int]()
    monkeypatch.setattr("privmask.detect.models.bound_threads", told.append)
    monkeypatch.setattr("privmask.watching._made", lambda *_: NullDetector())
    faces = MaskPlan((), dynamic=(DynamicMask("face"),))
    options = Options(Reading(threads=threads), Writing(threads=1))
    done(replace(job(small_clip(tmp_path / "clip.mp4"), tmp_path / "copy.mp4"), plan=faces, options=options))
    assert told == bounds


def test_no_promise_of_a_copy_is_how_many_threads_made_it(again: Job) -> None:
    options = Options(Reading(threads=7), Writing(threads=7, preset="ultrafast"))
    assert made_before(replace(again, options=options))


def test_nothing_is_done_where_nothing_has_the_name(again: Job) -> None:
    assert made_before(replace(again, copy=f"{again.copy}-2.mp4")) is None


OTHERWISE: list[tuple[str, dict[str, Any], str]] = [
    ("plan", {"plan": three_zones("Blurred")}, "another plan"),
    ("key", {"key_id": None}, f"another key ({KEY.key_id})"),
    ("time", {"recorded_at": datetime(2026, 11, 23, tzinfo=UTC)}, "recorded_at"),
    ("damage", {"options": replace(ONE_THREAD, reading=Reading(damaged="hide"))}, "--damaged"),
    ("stream", {"options": replace(ONE_THREAD, reading=Reading(stream=1))}, "--stream"),
    ("quality", {"options": replace(ONE_THREAD, writing=Writing(preset="ultrafast", quality=30))}, "--quality"),
    ("preset", {"options": replace(ONE_THREAD, writing=Writing())}, "--preset"),
    ("codec", {"options": replace(ONE_THREAD, writing=Writing(codec="hevc"))}, "--codec"),
    ("loss", {"options": replace(ONE_THREAD, writing=Writing(lossless=True))}, "--lossless"),
]


@pytest.mark.parametrize(("wish", "words"), [each[1:] for each in OTHERWISE], ids=[each[0] for each in OTHERWISE])
def test_a_copy_of_another_wish_is_not_done_and_not_replaced(wish: dict[str, Any], words: str, again: Job) -> None:
    before = Path(again.copy).read_bytes()
    assert words in refusal(replace(again, **wish))
    outcome = done(replace(again, **wish), KEY)
    assert (outcome.ending, outcome.code, outcome.kind) == ("failed", 7, "CopyExists")
    assert Path(again.copy).read_bytes() == before


def test_sound_and_the_self_check_are_part_of_the_wish(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=6, audio="aac")
    unchecked = replace(job(clip, tmp_path / "copy.mp4"), options=replace(ONE_THREAD, self_check=False))
    assert done(unchecked).ending == "made"
    assert made_before(unchecked)
    assert "--no-self-check" in refusal(replace(unchecked, options=ONE_THREAD))
    kept = replace(ONE_THREAD, self_check=False, writing=replace(ONE_THREAD.writing, audio="keep"))
    assert "--audio" in refusal(replace(unchecked, options=kept))


def test_a_copy_of_which_a_part_travelled_as_it_is_is_done_unless_that_was_not_wanted(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=36, gop=12, b_frames=0)
    wanted = job(clip, tmp_path / "copy.mp4", plan=three_zones("Color", start="1"))
    assert done(wanted).ending == "made"
    statement = made_before(wanted)
    assert statement
    assert statement.passed
    never = replace(ONE_THREAD, writing=replace(ONE_THREAD.writing, pass_through=False))
    assert "--no-pass-through" in refusal(replace(wanted, options=never))


@pytest.mark.parametrize("end", ["", ".provenance.json.sig", ".SHA256SUMS"])
def test_a_changed_byte_of_the_copy_or_of_what_proves_it_is_told(end: str, again: Job) -> None:
    path = Path(again.copy + end)
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    path.write_bytes(text)
    assert "exists, and it is not the copy" in refusal(again)


def test_another_original_under_the_same_name_is_told(again: Job) -> None:
    small_clip(Path(again.original), seed=2)
    assert "original's bytes" in refusal(again)


def test_a_file_without_a_statement_is_nobody_s_copy(again: Job) -> None:
    Path(again.copy + ".provenance.json").unlink()
    assert "no statement" in refusal(again)


def test_a_statement_that_is_none_is_the_evidence_s_fault(again: Job) -> None:
    Path(again.copy + ".provenance.json").write_text("{}")
    assert (done(again, KEY).ending, done(again, KEY).code) == ("failed", 3)


def test_an_original_that_is_gone_is_told(again: Job) -> None:
    os.unlink(again.original)
    assert (done(again, KEY).ending, done(again, KEY).code) == ("failed", 6)


def test_while_another_run_makes_the_copy_the_job_is_busy(tmp_path: Path) -> None:
    wanted = job(small_clip(tmp_path / "clip.mp4"), tmp_path / "copy.mp4")
    with claim_copy(wanted.copy):
        assert mask_job(wanted, None, lambda _: None) == Busy()
    assert done(wanted).ending == "made"


def test_a_run_that_was_faster_without_a_claim_has_done_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = job(small_clip(tmp_path / "clip.mp4"), tmp_path / "copy.mp4")

    @contextmanager
    def late(_copy: str) -> Iterator[bool]:
        """Another one makes the very copy when this one has looked and begins."""
        yield True

    def masks_after_the_other(*words: Any, **more: Any) -> Any:
        writing = more["writing"]
        mask_clip(wanted.original, wanted.copy, PLAN, reading=Reading(threads=1), writing=writing, clock=lambda: NOON)
        return mask_clip(*words, **more)

    monkeypatch.setattr("privmask.batch.masking.claim_copy", late)
    monkeypatch.setattr("privmask.batch.masking.mask_clip", masks_after_the_other)
    assert done(wanted).ending == "there"


def test_a_companion_in_the_way_is_told_as_it_is(tmp_path: Path) -> None:
    wanted = job(small_clip(tmp_path / "clip.mp4"), tmp_path / "copy.mp4")
    (tmp_path / "copy.mp4.SHA256SUMS").write_text("somebody's")
    outcome = done(wanted)
    assert (outcome.code, outcome.kind) == (7, "CopyExists")
    assert "copy.mp4.SHA256SUMS' exists already" in str(outcome.message)
    assert names(tmp_path) == {"clip.mp4", "copy.mp4.SHA256SUMS"}


def test_a_fault_of_privmask_itself_is_the_fault_of_one_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("somewhere")

    monkeypatch.setattr("privmask.batch.masking.mask_clip", broken)
    outcome = done(job(small_clip(tmp_path / "clip.mp4"), tmp_path / "copy.mp4"))
    assert (outcome.ending, outcome.code, outcome.kind) == ("failed", 1, "ZeroDivisionError")
    assert "somewhere" in str(outcome.message)


def test_a_clip_that_takes_too_much_memory_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def large(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr("privmask.batch.masking.mask_clip", large)
    outcome = done(job(small_clip(tmp_path / "clip.mp4"), tmp_path / "copy.mp4"))
    assert (outcome.code, outcome.kind) == (6, "Memory")
    assert "--memory" in str(outcome.message)
