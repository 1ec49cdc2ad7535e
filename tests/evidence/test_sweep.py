from __future__ import annotations

import os
from pathlib import Path

import pytest

from privmask.errors import CopyError, EvidenceError
from privmask.evidence import draft_copy, keep_custody, sweep
from privmask.evidence.files import record_of
from privmask.evidence.hidden import Naming
from privmask.evidence.sweep import Journal
from tests.evidence.small import FOOTAGE, MASKED, companions, file_system_of, job, leave_behind, names

JOURNAL = ".copy.mp4.privmask-publishing"
DRAFT = ".copy.mp4.privmask-draft-0123abcd"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Where a copy would be, beside what kills left of it."""
    leave_behind(tmp_path / "copy.mp4")
    return tmp_path / "copy.mp4"


def test_what_dead_runs_left_is_removed_and_named(copy: Path) -> None:
    assert set(sweep(copy.parent)) == {JOURNAL, DRAFT, *companions("copy.mp4")}
    assert names(copy.parent) == set()
    assert sweep(copy.parent) == ()


@pytest.mark.parametrize("name", ["co\npy.mp4", "写し.mp4", " ", "-c"])
def test_what_is_left_of_copies_with_strange_names_is_removed_too(name: str, tmp_path: Path) -> None:
    leave_behind(tmp_path / name)
    sweep(tmp_path)
    assert names(tmp_path) == set()


def test_a_copy_that_came_keeps_its_companions(copy: Path) -> None:
    copy.write_bytes(MASKED)
    sweep(copy.parent)
    assert names(copy.parent) == {"copy.mp4", *companions("copy.mp4")}


def test_another_file_under_the_copy_s_name_does_not_get_the_companions(copy: Path) -> None:
    copy.write_bytes(MASKED[:-1] + b"?")
    sweep(copy.parent)
    assert names(copy.parent) == {"copy.mp4"}


def test_a_companion_that_is_not_the_noted_one_stays(copy: Path) -> None:
    changed = min(companions("copy.mp4"))
    copy.with_name(changed).write_text("rewritten by somebody")
    sweep(copy.parent)
    assert names(copy.parent) == {changed}


def test_living_runs_keep_their_drafts(copy: Path) -> None:
    clip = copy.with_name("clip.mp4")
    clip.write_bytes(FOOTAGE)
    with file_system_of(Naming.LINK), keep_custody(clip) as custody, draft_copy(copy, original=custody):
        (living,) = names(copy.parent) - {"clip.mp4"}
        assert sweep(copy.parent) == ()
        assert names(copy.parent) == {"clip.mp4", living}
    assert names(copy.parent) == {"clip.mp4"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("given", [JOURNAL, DRAFT])
def test_a_stranger_s_leftovers_are_left_to_the_stranger(given: str, copy: Path) -> None:
    os.chown(copy.with_name(given), 12345, 12345)
    sweep(copy.parent)
    assert given in names(copy.parent)
    assert (companions("copy.mp4") <= names(copy.parent)) == (given == JOURNAL)


NOT_OURS = [
    "copy.mp4.privmask-draft-0123abcd",
    ".copy.mp4.privmask-draft-0123abc",
    ".copy.mp4.privmask-draft-0123ABCD",
    ".copy.mp4.privmask-draft-0123abcd.bak",
    ".privmask-draft-0123abcd",
    ".privmask-publishing",
    ".copy.mp4.part",
]


@pytest.mark.parametrize("name", NOT_OURS)
def test_names_that_are_almost_ours_are_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"somebody's")
    assert sweep(tmp_path) == ()
    assert names(tmp_path) == {name}


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / DRAFT).mkdir()
    os.mkfifo(tmp_path / JOURNAL)
    (tmp_path / ".a.privmask-draft-01234567").symlink_to("victim")
    (tmp_path / "victim").write_text("somebody's")
    before = names(tmp_path)
    assert sweep(tmp_path) == ()
    assert names(tmp_path) == before


def test_an_original_is_never_swept_whatever_it_is_called(tmp_path: Path) -> None:
    clip = tmp_path / DRAFT
    clip.write_bytes(FOOTAGE)
    job(clip, tmp_path / "other.mp4")
    assert clip.read_bytes() == FOOTAGE


def test_a_journal_of_a_run_that_died_meanwhile_does_not_stop_a_living_one(tmp_path: Path) -> None:
    clip, copy = tmp_path / "clip.mp4", tmp_path / "copy.mp4"
    clip.write_bytes(FOOTAGE)
    job(clip, copy, lambda moment: leave_behind(copy) if moment == "written" else None)
    assert names(tmp_path) == {"clip.mp4", "copy.mp4", *companions("copy.mp4")}


JOURNALS = {
    "of another copy": Journal(record_of("other.mp4", b""), ()).to_bytes(),
    "naming what is no companion": Journal(
        record_of("copy.mp4", b""), (record_of("victim", b"somebody's"),)
    ).to_bytes(),
    "naming a file elsewhere": Journal(record_of("copy.mp4", b""), (record_of("../victim", b"somebody's"),)).to_bytes(),
    "of another kind": b'{"format":"privmask.publishing.v2"}',
    "with a broken entry": b'{"companions":[7],"copy":{},"format":"privmask.publishing.v1"}',
    "cut": Journal(record_of("copy.mp4", b""), ()).to_bytes()[:-1],
    "empty": b"",
}


@pytest.mark.parametrize("text", JOURNALS.values(), ids=JOURNALS.keys())
def test_a_journal_that_is_not_ours_removes_nothing(text: bytes, tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(text)
    (tmp_path / "victim").write_bytes(b"somebody's")
    with pytest.raises(EvidenceError):
        Journal.from_bytes(text, "copy.mp4")
    assert sweep(tmp_path) == ()
    assert names(tmp_path) == {JOURNAL, "victim"}


def test_a_folder_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CopyError, match="no such"):
        sweep(tmp_path / "missing")
