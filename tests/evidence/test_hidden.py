from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from privmask.errors import CopyError
from privmask.evidence import hidden
from privmask.evidence.hidden import HiddenFile, Naming, naming_in, sync_folder
from tests.evidence.small import file_system_of, job, names


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def _refusing(
    really: Callable[..., Any], number: int, when: Callable[..., bool] = lambda *_, **__: True
) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        if when(*arguments, **options):
            raise OSError(number, os.strerror(number))
        return really(*arguments, **options)

    return call


def _asks_for_no_name(_path: str, flags: int, *_rest: object, **_more: object) -> bool:
    return flags & os.O_TMPFILE == os.O_TMPFILE


def test_what_a_file_system_can_do_is_found_by_doing_it(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert naming_in(folder, "copy.mp4") is Naming.NAMELESS
    monkeypatch.setattr("os.open", _refusing(os.open, errno.EOPNOTSUPP, _asks_for_no_name))
    assert naming_in(folder, "copy.mp4") is Naming.LINK
    monkeypatch.setattr("os.link", _refusing(os.link, errno.EPERM))
    assert naming_in(folder, "copy.mp4") is Naming.RENAME
    monkeypatch.setattr(hidden, "_rename_no_replace", _refusing(os.rename, errno.EINVAL))
    with pytest.raises(CopyError, match="another disk"):
        naming_in(folder, "copy.mp4")
    assert names(tmp_path) == set()


def test_without_proc_a_file_gets_a_hidden_name(folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden, "_DESCRIPTORS", "/nowhere")
    assert naming_in(folder, "copy.mp4") is Naming.LINK
    (tmp_path / "clip.mp4").write_bytes(b"a clip")
    job(tmp_path / "clip.mp4", tmp_path / "copy.mp4")
    assert (tmp_path / "copy.mp4").read_bytes() == bytes(255 - byte for byte in b"a clip")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS])
def test_a_real_failure_is_not_taken_for_a_poor_file_system(
    number: int, folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.open", _refusing(os.open, number))
    with pytest.raises(OSError, match=os.strerror(number)) as refused:
        naming_in(folder, "copy.mp4")
    assert refused.value.errno == number


@pytest.mark.parametrize("naming", Naming, ids=lambda naming: naming.value)
def test_a_name_is_taken_whole_and_never_twice(naming: Naming, folder: int, tmp_path: Path) -> None:
    first, second = HiddenFile(folder, "copy.mp4", naming), HiddenFile(folder, "copy.mp4", naming)
    first.write(b"first")
    second.write(b"second")
    assert "copy.mp4" not in names(tmp_path)
    first.take_name("copy.mp4")
    assert len(names(tmp_path)) == (1 if naming is Naming.NAMELESS else 2)  # its own, and the hidden one of the second
    with pytest.raises(FileExistsError):
        second.take_name("copy.mp4")
    second.lose_name("copy.mp4")  # it is not his
    first.close()
    second.close()
    second.close()
    assert names(tmp_path) == {"copy.mp4"}
    assert (tmp_path / "copy.mp4").read_bytes() == b"first"
    assert (tmp_path / "copy.mp4").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("naming", Naming, ids=lambda naming: naming.value)
def test_outputs_are_for_their_owner_only_whatever_the_umask(naming: Naming, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"a clip")
    was = os.umask(0)
    try:
        with file_system_of(naming):
            published = job(tmp_path / "clip.mp4", tmp_path / "copy.mp4")
    finally:
        os.umask(was)
    for path in (published.copy, published.statement, published.sums):
        assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_sweep_that_takes_a_new_draft_for_an_orphan_is_survived(folder: int, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[str] = []
    really = os.open

    def swept_at_once(path: str, *rest: Any, **more: Any) -> int:
        descriptor = really(path, *rest, **more)
        if not swept:
            swept.append(path)
            os.unlink(path, dir_fd=folder)
        return descriptor

    monkeypatch.setattr("os.open", swept_at_once)
    file = HiddenFile(folder, "copy.mp4", Naming.LINK)
    assert names(Path(f"/proc/self/fd/{folder}")).isdisjoint(swept)
    file.take_name("copy.mp4")
    file.close()


def test_a_folder_that_cannot_be_synced_over_the_network_is_let_be(
    folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", _refusing(os.fsync, errno.EINVAL))
    sync_folder(folder)
    monkeypatch.setattr("os.fsync", _refusing(os.fsync, errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        sync_folder(folder)
