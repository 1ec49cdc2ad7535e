from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from privmask.errors import CopyError, CopyExistsError
from privmask.evidence import Custody, keep_aside, keep_custody
from privmask.evidence.hidden import HiddenFile


@pytest.fixture
def original(tmp_path: Path) -> Iterator[Custody]:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"footage")
    with keep_custody(path) as custody:
        yield custody


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_files_stand_for_their_owner_only_once_they_are_published(original: Custody, folder: Path) -> None:
    with keep_aside(folder / "a.png", folder / "b.jsonl", original=original) as aside:
        assert os.listdir(folder) == []
        aside.publish(b"one", b"two")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.png": b"one", "b.jsonl": b"two"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_beside_a_finished_copy_nothing_is_swept_and_nothing_replaced(folder: Path) -> None:
    copy = folder / ".odd.mp4.privmask-draft-0123abcd"
    copy.write_bytes(b"a copy with the name of a draft")
    with keep_aside(folder / "report.html") as aside:
        aside.publish(b"verdict")
    assert copy.exists()
    with pytest.raises(CopyExistsError), keep_aside(folder / "report.html"):
        pytest.fail("the work began")


def test_a_file_that_came_to_nothing_is_left_out(original: Custody, folder: Path) -> None:
    with keep_aside(folder / "a.png", folder / "b.html", original=original) as aside:
        aside.publish(None, b"two")
    assert os.listdir(folder) == ["b.html"]


def test_what_is_not_published_was_never_there(original: Custody, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt), keep_aside(folder / "a", original=original):
        raise KeyboardInterrupt
    assert os.listdir(folder) == []


@pytest.mark.parametrize("taken", ["file", "folder", "link to nothing"])
def test_a_name_that_is_taken_is_refused_before_the_work(original: Custody, folder: Path, taken: str) -> None:
    path = folder / "tracks"
    if taken == "link to nothing":
        path.symlink_to("nowhere")
    else:
        path.touch() if taken == "file" else path.mkdir()
    with pytest.raises(CopyExistsError, match="tracks"), keep_aside(folder / "a", path, original=original):
        pytest.fail("the work began")


def test_a_name_that_is_taken_during_the_work_stays_and_no_other_is_left(original: Custody, folder: Path) -> None:
    with keep_aside(folder / "a", folder / "b", original=original) as aside:
        (folder / "b").write_bytes(b"mine")
        with pytest.raises(CopyExistsError, match="b"):
            aside.publish(b"one", b"two")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"b": b"mine"}


def test_a_disk_that_fills_up_leaves_nothing(original: Custody, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: HiddenFile, content: bytes) -> None:
        if content == b"two":
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr(HiddenFile, "write", full)
    with (
        pytest.raises(CopyError, match="disk is full"),
        keep_aside(folder / "a", folder / "b", original=original) as aside,
    ):
        aside.publish(b"one", b"two")
    assert os.listdir(folder) == []


@pytest.mark.parametrize("spelling", ["clip.mp4", "./clip.mp4", "link", "hard"])
def test_the_original_is_not_written_over_under_any_spelling(original: Custody, tmp_path: Path, spelling: str) -> None:
    (tmp_path / "link").symlink_to("clip.mp4")
    os.link(tmp_path / "clip.mp4", tmp_path / "hard")
    with pytest.raises(CopyError, match="the original"), keep_aside(f"{tmp_path}/{spelling}", original=original):
        pytest.fail("the work began")


@pytest.mark.parametrize("other", ["a", "../out/a", "there/a"])
def test_two_files_need_two_names(original: Custody, folder: Path, other: str) -> None:
    (folder / "there").symlink_to(folder)
    with pytest.raises(CopyError, match="named twice"), keep_aside(folder / "a", folder / other, original=original):
        pytest.fail("the work began")


@pytest.mark.parametrize("path", ["missing/a", "clip.mp4/a", "", "..", "x" * 250])
def test_a_place_where_nothing_can_be_written_is_told(original: Custody, tmp_path: Path, path: str) -> None:
    with pytest.raises(CopyError), keep_aside(os.path.join(tmp_path, path) if path else "", original=original):
        pytest.fail("the work began")
