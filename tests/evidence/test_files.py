from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.errors import FootageError
from privmask.evidence.custody import keep_custody
from privmask.evidence.files import digest, open_once
from tests.evidence.small import FOOTAGE


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(FOOTAGE)
    return path


def test_two_readers_of_one_descriptor_do_not_move_each_other(clip: Path) -> None:
    with keep_custody(clip) as custody, custody.open() as first, custody.open() as second:
        first.seek(1000)
        assert second.read(10) == FOOTAGE[:10]
        assert first.read(10) == FOOTAGE[1000:1010]
        assert (first.tell(), second.tell()) == (1010, 10)


def test_a_reader_seeks_as_files_do(clip: Path) -> None:
    with open_once(clip) as reader:
        assert reader.seekable()
        assert not reader.writable()
        assert reader.seek(-3, os.SEEK_END) == len(FOOTAGE) - 3
        assert reader.read() == FOOTAGE[-3:]
        assert reader.read(1) == b""
        assert reader.seek(-2, os.SEEK_CUR) == len(FOOTAGE) - 2
        assert reader.seek(10**9) == 10**9
        assert reader.read(1) == b""
        with pytest.raises(ValueError, match="before the start"):
            reader.seek(-1)
        assert io.BufferedReader(open_once(clip)).read(300) == FOOTAGE[:300]


def test_a_reader_ends_where_the_file_ended_when_it_was_opened(clip: Path) -> None:
    with open_once(clip) as reader, clip.open("ab") as other:
        other.write(b"still being recorded")
        other.flush()
        assert reader.read() == FOOTAGE


def test_a_closed_reader_reads_nothing_and_the_others_stay_open(clip: Path) -> None:
    with keep_custody(clip) as custody:
        closed, other = custody.open(), custody.open()
        closed.close()
        closed.close()
        with pytest.raises(ValueError, match="closed"):
            closed.read(1)
    assert (
        other.read(2) == FOOTAGE[:2]
    )  # even when custody has ended: the number of its descriptor may belong to somebody else
    other.close()


def test_a_disk_that_cannot_be_read_is_told_with_its_place(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    with keep_custody(clip) as custody, custody.open() as reader:
        reader.seek(4096)
        monkeypatch.setattr("os.preadv", broken)
        with pytest.raises(FootageError, match=r"byte 4096: .* read or write error"):
            reader.read(10)
        with pytest.raises(FootageError, match="cannot be read to its end"):
            custody.recheck()


def test_hashing_stops_soon_after_a_file_that_never_ends() -> None:
    endless = os.open("/dev/zero", os.O_RDONLY)
    try:
        assert digest(endless, 5).bytes == 1 << 20
    finally:
        os.close(endless)


def test_hashing_reads_all_of_a_file_larger_than_a_block(tmp_path: Path) -> None:
    import hashlib

    content = os.urandom((1 << 20) * 2 + 17)
    (tmp_path / "large").write_bytes(content)
    with keep_custody(tmp_path / "large") as custody:
        assert custody.before.sha256 == hashlib.sha256(content).hexdigest()
        assert custody.before.bytes == len(content)


@pytest.mark.parametrize("put", [os.mkfifo, Path.mkdir, Path.touch], ids=["a pipe", "a folder", "an empty file"])
def test_what_is_put_in_place_of_a_file_between_look_and_open_is_refused(
    put: Callable[[Path], object], clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = clip.stat()
    clip.unlink()
    put(clip)
    before = os.listdir("/proc/self/fd")
    monkeypatch.setattr("os.lstat", lambda _path: seen)
    with pytest.raises(FootageError):
        open_once(clip)
    assert os.listdir("/proc/self/fd") == before
