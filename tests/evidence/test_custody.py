from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.errors import CopyError, DamagedFootageError, OriginalChangedError, PrivmaskError
from privmask.evidence import FileRecord, keep_custody
from tests.evidence.small import FOOTAGE


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(FOOTAGE)
    os.utime(path, ns=(5, 7))
    return path


def test_an_untouched_original_is_recorded_before_and_after(clip: Path) -> None:
    with keep_custody(clip) as custody:
        assert custody.before == FileRecord("clip.mp4", len(FOOTAGE), hashlib.sha256(FOOTAGE).hexdigest())
        record = custody.recheck()
    assert (record.before, record.after) == (custody.before, custody.before)
    assert record.modified_ns == 7
    assert record.notices == ()


def test_the_original_is_opened_once_and_only_for_reading(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[object, int]] = []
    really = os.open

    def watched(path: str, flags: int, *rest: int, **more: int) -> int:
        opened.append((path, flags))
        return really(path, flags, *rest, **more)

    monkeypatch.setattr("os.open", watched)
    with keep_custody(clip) as custody:
        custody.open().read()
        custody.recheck()
    (only,) = opened
    assert only[0] == clip
    assert only[1] & os.O_ACCMODE == os.O_RDONLY
    assert only[1] & os.O_NOFOLLOW
    assert only[1] & os.O_NONBLOCK


def test_custody_leaves_the_time_of_access_alone_where_it_may(clip: Path) -> None:
    os.utime(clip, ns=(1, 7))  # an access before the last change is what relatime would correct
    with keep_custody(clip) as custody:
        custody.recheck()
    assert clip.stat().st_atime_ns == 1


def test_a_stranger_s_original_is_read_all_the_same(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def as_stranger(path: str, flags: int, *rest: int, **more: int) -> int:
        if flags & os.O_NOATIME:
            raise PermissionError(1, "Operation not permitted")
        return really(path, flags, *rest, **more)

    monkeypatch.setattr("os.open", as_stranger)
    with keep_custody(clip) as custody:
        assert custody.before.bytes == len(FOOTAGE)


def test_a_new_link_to_the_original_is_noticed_and_refuses_nothing(clip: Path) -> None:
    with keep_custody(clip) as custody:
        clip.with_name("second.mp4").hardlink_to(clip)
        (notice,) = custody.recheck().notices
    assert "ctime" in notice


def test_an_original_that_grows_while_it_is_hashed_is_told_at_once(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.preadv

    def while_recording(*arguments: object) -> int:
        with clip.open("ab") as recorder:
            recorder.write(b"next second")
        return really(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr("os.preadv", while_recording)
    with pytest.raises(OriginalChangedError, match="still being recorded"), keep_custody(clip):
        pytest.fail("custody began")


def _meanwhile(clip: Path, change: Callable[[Path], object], error: PrivmaskError) -> None:
    with keep_custody(clip):
        change(clip)
        raise error


@pytest.mark.parametrize("error", [DamagedFootageError("a frame is damaged"), CopyError("the copy failed its check")])
def test_damage_that_somebody_did_meanwhile_is_told_as_a_change_of_the_original(
    clip: Path, error: PrivmaskError
) -> None:
    with pytest.raises(OriginalChangedError, match="something wrote to it") as raised:
        _meanwhile(clip, lambda path: path.write_bytes(FOOTAGE[:-1] + b"?"), error)
    assert raised.value.__context__ is error
    with pytest.raises(OriginalChangedError, match="is it still being recorded"):
        _meanwhile(clip, lambda path: os.truncate(path, 3), error)


def test_damage_that_was_there_before_stays_damage(clip: Path) -> None:
    with pytest.raises(DamagedFootageError), keep_custody(clip):
        raise DamagedFootageError("a frame is damaged")


def test_the_path_means_the_same_file_after_a_change_of_folder(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clip.parent)
    with keep_custody("clip.mp4") as custody:
        monkeypatch.chdir("/")
        custody.recheck()


def test_a_name_that_is_no_utf_8_is_recorded_with_escapes(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mp4")
    (tmp_path / name).write_bytes(FOOTAGE)
    with keep_custody(tmp_path / name) as custody:
        assert custody.before.name == "caf\\xe9.mp4"


def test_descriptors_are_given_back(clip: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        with keep_custody(clip) as custody, custody.open() as reader:
            reader.read(1)
    assert os.listdir("/proc/self/fd") == before
