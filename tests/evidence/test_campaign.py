"""Custody, case by case: what is done to the original or to the copy's place while a job runs, and how the job ends.

After each case the same holds: the original has its bytes and its time of modification (unless the case itself took them away),
nothing stands under the copy's name, and after the next start no trace of the job is left.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from privmask.errors import CopyError, CopyExistsError, FootageError, OriginalChangedError
from privmask.evidence import keep_custody, sweep
from tests.evidence.small import FOOTAGE, MASKED, companions, job, names, whole

LONG_AGO = 1_600_000_000_123_456_789


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an original, `clip.mp4`."""
    (tmp_path / "clip.mp4").write_bytes(FOOTAGE)
    os.utime(tmp_path / "clip.mp4", ns=(LONG_AGO, LONG_AGO))
    return tmp_path


def _is_untouched(original: Path) -> bool:
    return original.read_bytes() == FOOTAGE and original.stat().st_mtime_ns == LONG_AGO


# The copy is the original under another spelling ---------------------------------------------------------------------

SPELLINGS = {
    "the same name": "clip.mp4",
    "by a dot": "./clip.mp4",
    "by two dots": "sub/../clip.mp4",
    "by many slashes": ".//clip.mp4",
    "by a link to it": "link.mp4",
    "by a link to a link to it": "link-to-link.mp4",
    "by a hard link": "hard.mp4",
    "by a link to its folder": "folder/clip.mp4",
    "in other letters": "CLIP.MP4",  # on a file system that knows no case both names lead to one inode, as here
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "relative"])
def test_the_copy_is_never_the_original_however_it_is_spelt(
    spelling: str, absolute: bool, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "sub").mkdir()
    (place / "link.mp4").symlink_to("clip.mp4")
    (place / "link-to-link.mp4").symlink_to("link.mp4")
    (place / "folder").symlink_to(place)
    (place / "hard.mp4").hardlink_to(place / "clip.mp4")
    (place / "CLIP.MP4").hardlink_to(place / "clip.mp4")
    before = names(place)
    monkeypatch.chdir(place)
    copy = f"{place}/{spelling}" if absolute else spelling
    with pytest.raises(CopyError, match=r"is the original .* itself") as refused:
        job(Path("clip.mp4"), copy)  # a Path would tidy the spelling up
    assert refused.value.exit_code == 7
    assert names(place) == before
    assert _is_untouched(place / "clip.mp4")


KINDS: dict[str, Callable[[Path], object]] = {
    "file": lambda taken: taken.write_bytes(b"somebody's"),
    "folder": Path.mkdir,
    "dangling link": lambda taken: taken.symlink_to("nowhere"),
    "pipe": os.mkfifo,
}


@pytest.mark.parametrize("name", ["copy.mp4", *sorted(companions("copy.mp4"))])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_exists_is_replaced(name: str, kind: str, place: Path) -> None:
    taken = place / name
    KINDS[kind](taken)
    moments: list[str] = []
    with pytest.raises(CopyExistsError, match=name) as refused:
        job(place / "clip.mp4", place / "copy.mp4", moments.append)
    assert refused.value.exit_code == 7
    assert moments == [], "it is told before the work begins"
    assert names(place) == {"clip.mp4", name}
    assert kind != "file" or taken.read_bytes() == b"somebody's"
    assert _is_untouched(place / "clip.mp4")


# The original is changed while the job runs --------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    do: Callable[[Path], object]
    says: str


def _edit(clip: Path) -> None:
    with clip.open("r+b") as file:
        file.seek(500)
        file.write(b"\xff")


def _edit_and_put_the_time_back(clip: Path) -> None:
    _edit(clip)
    os.utime(clip, ns=(LONG_AGO, LONG_AGO))


def _append(clip: Path) -> None:
    with clip.open("ab") as file:
        file.write(b"more")


def _replace(clip: Path) -> None:
    clip.with_name("new.mp4").write_bytes(FOOTAGE)
    os.utime(clip.with_name("new.mp4"), ns=(LONG_AGO, LONG_AGO))
    clip.with_name("new.mp4").rename(clip)


def _put_a_link_in_its_place(clip: Path) -> None:
    clip.rename(clip.with_name("moved.mp4"))
    clip.symlink_to("moved.mp4")


def _rename_its_folder(clip: Path) -> None:
    shutil.copytree(clip.parent, clip.parent.with_name("other"))
    clip.parent.rename(clip.parent.with_name("moved"))
    clip.parent.with_name("other").rename(clip.parent)


CHANGES = {
    "edited": Change(_edit, r"bytes \(sha256\)"),
    "edited, and its time put back": Change(_edit_and_put_the_time_back, r"bytes \(sha256\)"),
    "appended to": Change(_append, f"had {len(FOOTAGE)} bytes and now has {len(FOOTAGE) + 4}"),
    "truncated": Change(lambda clip: os.truncate(clip, 1000), "now has 1000"),
    "emptied": Change(lambda clip: os.truncate(clip, 0), "now has 0"),
    "written to with the same bytes": Change(lambda clip: clip.write_bytes(FOOTAGE), "time of modification"),
    "touched": Change(lambda clip: os.utime(clip), "time of modification"),
    "replaced by its twin": Change(_replace, "another file"),
    "moved, a link in its place": Change(_put_a_link_in_its_place, "another file"),
    "replaced with its folder": Change(_rename_its_folder, "another file"),
    "renamed": Change(lambda clip: clip.rename(clip.with_name("elsewhere.mp4")), "deleted, moved or renamed"),
    "deleted": Change(lambda clip: clip.unlink(), "deleted, moved or renamed"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("moment", ["held", "half-way", "written"])
def test_an_original_that_changes_during_the_job_is_told(change: Change, moment: str, tmp_path: Path) -> None:
    clip, out = tmp_path / "in" / "clip.mp4", tmp_path / "out"
    clip.parent.mkdir()
    out.mkdir()
    clip.write_bytes(FOOTAGE)
    os.utime(clip, ns=(LONG_AGO, LONG_AGO))
    with pytest.raises(OriginalChangedError, match=change.says) as told:
        job(clip, out / "copy.mp4", lambda now: change.do(clip) if now == moment else None)
    assert told.value.exit_code == 4
    assert "clip.mp4" in str(told.value)
    assert names(out) == set()


HARMLESS: dict[str, Callable[[Path], object]] = {
    "read by somebody": lambda clip: clip.read_bytes(),
    "linked to": lambda clip: clip.with_name("second.mp4").hardlink_to(clip),
    "given another mode": lambda clip: clip.chmod(0o400),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_leaves_the_bytes_of_the_original_alone_is_noticed_at_most(
    change: Callable[[Path], object], place: Path
) -> None:
    (place / "out").mkdir()
    job(
        place / "clip.mp4",
        place / "out" / "copy.mp4",
        lambda now: change(place / "clip.mp4") if now == "held" else None,
    )
    assert names(place / "out") == {"copy.mp4", *companions("copy.mp4")}
    assert _is_untouched(place / "clip.mp4")


# The copy cannot be written ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _tmpfs(folder: Path, options: str) -> Iterator[bool]:
    """A small memory disk on `folder`; False where this machine does not let us mount one."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and not subprocess.run(command, capture_output=True, check=False).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


@contextlib.contextmanager
def _no_file_larger_than(count: int) -> Iterator[None]:
    """A limit of this process on the size of files: the way of the unprivileged to a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("pages", range(1, 17))
def test_a_disk_that_is_full_at_any_point_leaves_nothing(pages: int, place: Path) -> None:
    out = place / "out"
    out.mkdir()
    job(place / "clip.mp4", place / "copy.mp4")
    made = ["copy.mp4", *companions("copy.mp4")]
    needed = sum(-(-(place / name).stat().st_size // 4096) for name in made) + 1  # and one for the journal
    with _tmpfs(out, f"size={pages * 4096},mode=755") as mounted:
        limit = contextlib.nullcontext() if mounted else _no_file_larger_than(pages * 4096 - 1)
        if mounted and pages >= needed:
            job(place / "clip.mp4", out / "copy.mp4")
            assert names(out) == {"copy.mp4", *companions("copy.mp4")}
        elif mounted or pages * 4096 <= len(MASKED):
            with limit, pytest.raises(CopyError, match=r"disk is full|limit") as refused:
                job(place / "clip.mp4", out / "copy.mp4")
            assert refused.value.exit_code == 7
            assert names(out) == set()
            assert sweep(out) == ()
    assert _is_untouched(place / "clip.mp4")


@pytest.mark.parametrize("files", range(2, 10))
def test_a_disk_without_room_for_another_file_leaves_nothing(files: int, place: Path) -> None:
    out = place / "out"
    out.mkdir()
    with _tmpfs(out, f"size=1m,nr_inodes={files},mode=755") as mounted:
        # Its own folder, the copy, five companions; the journal needs the eighth.
        if mounted and files < 8:
            with pytest.raises(CopyError, match="disk is full"):
                job(place / "clip.mp4", out / "copy.mp4")
            assert names(out) == set()
        else:
            job(place / "clip.mp4", out / "copy.mp4")
            assert names(out) == {"copy.mp4", *companions("copy.mp4")}
    assert _is_untouched(place / "clip.mp4")


@pytest.mark.parametrize("limit", [1, 999, 1000, 5000, len(MASKED) - 1])
def test_a_limit_on_the_size_of_files_leaves_nothing(limit: int, place: Path) -> None:
    with _no_file_larger_than(limit), pytest.raises(CopyError, match="larger than the limit"):
        job(place / "clip.mp4", place / "copy.mp4")
    assert names(place) == {"clip.mp4"}
    assert _is_untouched(place / "clip.mp4")


def test_a_disk_that_becomes_read_only_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = place / "out"
    out.mkdir()
    with _tmpfs(out, "size=1m,mode=755") as mounted:
        if mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(out)], check=True)
        else:
            monkeypatch.setattr("os.open", _opens_to_read_only)
        with pytest.raises(CopyError, match="read-only"):
            job(place / "clip.mp4", out / "copy.mp4")
        monkeypatch.undo()
        assert names(out) == set()
    assert _is_untouched(place / "clip.mp4")


def _opens_to_read_only(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
    """As `os.open` on a disk that somebody made read-only; the way of the unprivileged."""
    if flags & os.O_ACCMODE != os.O_RDONLY:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    return _really_open(path, flags, mode, dir_fd=dir_fd)


_really_open = os.open


@contextlib.contextmanager
def _as_nobody() -> Iterator[None]:
    """Modes bind everybody but root; root becomes nobody for a while."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_a_folder_that_may_not_be_written_to_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = place / "out"
    out.mkdir()
    out.chmod(0o555)
    monkeypatch.chdir(place)  # nobody may not come down to here from the root of the disk
    place.chmod(0o755)
    with _as_nobody(), pytest.raises(CopyError, match="permission denied") as refused:
        job(Path("clip.mp4"), Path("out/copy.mp4"))
    assert refused.value.exit_code == 7
    assert names(out) == set()
    assert _is_untouched(place / "clip.mp4")


PLACES = {
    "a folder that is missing": ("missing/copy.mp4", "no such"),
    "below a file": ("clip.mp4/copy.mp4", "not a folder"),
    "a folder by its name": ("out/", "no name for a copy"),
    "here": (".", "no name for a copy"),
    "above": ("out/..", "no name for a copy"),
    "nothing": ("", "no name for a copy"),
    "a NUL in it": ("co\0py.mp4", "NUL"),
    "not UTF-8": ("caf\udce9.mp4", "UTF-8"),
    "too long": ("c" * 240 + ".mp4", "too long"),
    "a draft's": (".copy.mp4.privmask-draft-01234567", "unfinished"),
    "a journal's": (".copy.mp4.privmask-publishing", "unfinished"),
}


@pytest.mark.parametrize(("copy", "says"), PLACES.values(), ids=PLACES.keys())
def test_a_place_where_no_copy_can_be_is_refused_in_words(
    copy: str, says: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "out").mkdir()
    monkeypatch.chdir(place)
    with pytest.raises(CopyError, match=says) as refused:
        job(Path("clip.mp4"), copy)  # a Path would tidy the spelling up
    assert "\n" not in str(refused.value)
    assert names(place) == {"clip.mp4", "out"}
    assert names(place / "out") == set()


@pytest.mark.parametrize(
    "name", ["a copy.mp4", "-copy.mp4", "写し.mp4", "co\npy.mp4", "'copy\"\\.mp4", "\u202ecopy.mp4", "c" * 226]
)
def test_strange_names_are_served_to_the_last_byte(name: str, place: Path) -> None:
    published = job(place / "clip.mp4", place / name)
    assert names(place) == {"clip.mp4", name, *companions(name)}
    assert whole(Path(published.copy), place / "clip.mp4")
    subprocess.run(["sha256sum", "--check", "--quiet", "--", published.sums], cwd=place, check=True)


@pytest.mark.parametrize("moment", ["held", "half-way", "written", "stated"])
def test_an_interrupted_job_leaves_nothing(moment: str, place: Path) -> None:
    def interrupt(now: str) -> None:
        if now == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job(place / "clip.mp4", place / "copy.mp4", interrupt)
    assert names(place) == {"clip.mp4"}
    assert _is_untouched(place / "clip.mp4")


# What is no original -------------------------------------------------------------------------------------------------

NO_ORIGINALS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda _: None, "no such"),
    "a folder": (Path.mkdir, "is a folder"),
    "a pipe": (os.mkfifo, "is a pipe"),
    "empty": (Path.touch, "is empty"),
    "a link": (lambda path: path.symlink_to("clip.mp4"), "symbolic link"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "symbolic link"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "symbolic link"),
}


@pytest.mark.parametrize(("make", "says"), NO_ORIGINALS.values(), ids=NO_ORIGINALS.keys())
def test_what_is_no_regular_file_is_refused(make: Callable[[Path], object], says: str, place: Path) -> None:
    make(place / "odd\n.mp4")
    before = names(place)
    with pytest.raises(FootageError, match=says) as refused:
        job(place / "odd\n.mp4", place / "copy.mp4")
    assert refused.value.exit_code == 6
    assert "\n" not in str(refused.value)
    assert names(place) == before


@pytest.mark.parametrize(
    ("path", "says"),
    [("/dev/zero", "device"), ("/dev/tty", "device"), ("/proc/self/maps", "empty"), ("", "no such"), ("a\0b", "NUL")],
)
def test_devices_and_impossible_names_are_refused_unopened(path: str, says: str) -> None:
    with pytest.raises(FootageError, match=says), keep_custody(path):
        pytest.fail("it was taken for an original")
