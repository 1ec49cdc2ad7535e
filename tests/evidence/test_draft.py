from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from privmask.errors import CopyError, CopyExistsError, EvidenceError
from privmask.evidence import Custody, Draft, FileRecord, Published, draft_copy, keep_custody
from privmask.evidence.hidden import Naming
from privmask.evidence.sshsig import write_signature
from tests.evidence.small import (
    FOOTAGE,
    KEY,
    MASKED,
    TRACKS,
    KnownKey,
    companions,
    file_system_of,
    job,
    names,
    statement_of,
)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(FOOTAGE)
    return path


@pytest.fixture
def custody(clip: Path) -> Iterator[Custody]:
    with keep_custody(clip) as held:
        yield held


@pytest.fixture
def draft(clip: Path, custody: Custody) -> Iterator[Draft]:
    with draft_copy(clip.with_name("copy.mp4"), original=custody) as written:
        Path(written.path).write_bytes(MASKED)
        yield written


NOTE = b"how to check"


def _publish(draft: Draft, custody: Custody) -> Published:
    statement = statement_of(custody.recheck(), draft.record(), signer=KEY.key_id)
    return draft.publish(statement, signature=KEY.sign(statement), note=NOTE, tracks=TRACKS)


def test_a_published_copy_stands_with_its_companions(draft: Draft, custody: Custody, clip: Path) -> None:
    assert names(clip.parent) == {"clip.mp4"}
    published = _publish(draft, custody)
    assert names(clip.parent) == {"clip.mp4", "copy.mp4", *companions("copy.mp4")}
    assert Path(published.copy).read_bytes() == MASKED
    assert published.copy == str(clip.with_name("copy.mp4"))
    assert published.statement == published.copy + ".provenance.json"
    assert published.signature == published.copy + ".provenance.json.sig"
    assert published.sums == published.copy + ".SHA256SUMS"
    assert published.note == published.copy + ".how-to-check.txt"
    assert published.tracks == published.copy + ".private-tracks.jsonl"


def test_the_list_of_hashes_names_what_proves_the_copy_and_nothing_else(draft: Draft, custody: Custody) -> None:
    published = _publish(draft, custody)
    listed = [line.split("  ")[1] for line in Path(published.sums).read_text().splitlines()]
    assert listed == ["copy.mp4", "copy.mp4.provenance.json", "copy.mp4.provenance.json.sig"]


def test_a_signature_is_published_as_it_was_made(draft: Draft, custody: Custody) -> None:
    published = _publish(draft, custody)
    statement, signature = Path(published.statement).read_bytes(), Path(published.signature or "").read_bytes()
    assert signature == KEY.sign(statement)
    assert Path(published.note or "").read_bytes() == NOTE


def _foreign(statement: bytes) -> bytes:
    return KnownKey(1).sign(statement)


def _of_another_kind(statement: bytes) -> bytes:
    key = KnownKey()
    return write_signature(statement, key.public, key.bare, "file")


WRONG: dict[str, tuple[str | None, Callable[[bytes], bytes | None], str]] = {
    "none where one is stated": (KEY.key_id, lambda _: None, "there is no signature"),
    "one where none is stated": (None, KEY.sign, "there is a signature"),
    "an empty one where none is stated": (None, lambda _: b"", "there is a signature"),
    "an empty one": (KEY.key_id, lambda _: b"", "BEGIN SSH SIGNATURE"),
    "rubbish": (KEY.key_id, lambda _: b"rubbish", "BEGIN SSH SIGNATURE"),
    "of another statement": (KEY.key_id, lambda statement: KEY.sign(statement + b"\n"), "is not that of"),
    "by another key": (KEY.key_id, _foreign, "is not that of"),
    "by the key, for another purpose": (KEY.key_id, _of_another_kind, "is not that of"),
    "by the key, another one being stated": (KnownKey(1).key_id, KEY.sign, "is not that of"),
}


@pytest.mark.parametrize(("signer", "sign", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_signature_is_not_published(
    signer: str | None,
    sign: Callable[[bytes], bytes | None],
    says: str,
    draft: Draft,
    custody: Custody,
    clip: Path,
) -> None:
    statement = statement_of(custody.recheck(), draft.record(), signer=signer)
    with pytest.raises(EvidenceError, match=says):
        draft.publish(statement, signature=sign(statement), note=NOTE, tracks=TRACKS)
    assert names(clip.parent) == {"clip.mp4"}


def test_where_the_moving_masks_were_stays_with_the_owner(draft: Draft, custody: Custody) -> None:
    published = _publish(draft, custody)
    tracks = Path(published.tracks or "")
    assert tracks.read_bytes() == TRACKS
    assert tracks.stat().st_mode & 0o777 == 0o600
    assert "tracks" not in Path(published.sums).read_text()


def test_a_copy_has_no_companion_for_which_nothing_was_given(draft: Draft, custody: Custody, clip: Path) -> None:
    published = draft.publish(statement_of(custody.recheck(), draft.record()))
    assert (published.signature, published.note, published.tracks) == (None, None, None)
    assert names(clip.parent) == {"clip.mp4", "copy.mp4", "copy.mp4.provenance.json", "copy.mp4.SHA256SUMS"}
    assert "sig" not in Path(published.sums).read_text()


def test_a_draft_can_be_read_while_it_has_no_name(draft: Draft) -> None:
    with draft.open() as first, draft.open() as second:
        assert first.read() == MASKED
        assert second.read(5) == MASKED[:5]


def test_the_copy_is_named_last(draft: Draft, custody: Custody, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    really = os.link

    def watched(source: str, name: str, **more: Any) -> None:
        order.append(name)
        really(source, name, **more)

    monkeypatch.setattr("os.link", watched)
    _publish(draft, custody)
    journal = ".copy.mp4.privmask-publishing"
    assert order == [
        journal,
        "copy.mp4.provenance.json",
        "copy.mp4.provenance.json.sig",
        "copy.mp4.SHA256SUMS",
        "copy.mp4.how-to-check.txt",
        "copy.mp4.private-tracks.jsonl",
        "copy.mp4",
    ]
    assert journal not in names(clip.parent)


def test_all_is_on_the_disk_before_the_first_name_and_the_names_before_the_end(
    draft: Draft, custody: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    link, sync, unlink = os.link, os.fsync, os.unlink

    def synced(descriptor: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        sync(descriptor)

    def noted(what: str, really: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any, **more: Any) -> None:
            done.append(what)
            really(*arguments, **more)

        return call

    monkeypatch.setattr("os.fsync", synced)
    monkeypatch.setattr("os.link", noted("name", link))
    monkeypatch.setattr("os.unlink", noted("gone", unlink))
    _publish(draft, custody)
    assert done == ["file"] * 7 + ["name", "folder"] + ["name"] * 6 + ["folder", "gone"]


def test_a_statement_about_other_bytes_is_not_published(draft: Draft, custody: Custody, clip: Path) -> None:
    record = draft.record()
    other = FileRecord(record.name, record.bytes, "0" * 64)
    with pytest.raises(EvidenceError, match="is about"):
        draft.publish(statement_of(custody.recheck(), other))
    with pytest.raises(EvidenceError):
        draft.publish(b"{}")
    assert names(clip.parent) == {"clip.mp4"}


def test_bytes_written_after_the_record_are_not_published(draft: Draft, custody: Custody, clip: Path) -> None:
    statement = statement_of(custody.recheck(), draft.record())
    with open(draft.path, "ab") as late:
        late.write(b"late")
    with pytest.raises(CopyError, match="after it was recorded"):
        draft.publish(statement)
    assert names(clip.parent) == {"clip.mp4"}


def test_an_empty_copy_is_no_copy(clip: Path, custody: Custody) -> None:
    with (
        draft_copy(clip.with_name("copy.mp4"), original=custody) as draft,
        pytest.raises(CopyError, match="was not written"),
    ):
        draft.record()


@pytest.mark.parametrize("taken", ["copy.mp4", *sorted(companions("copy.mp4"))])
@pytest.mark.parametrize("naming", Naming, ids=lambda naming: naming.value)
def test_a_name_taken_at_the_last_moment_is_not_replaced(taken: str, naming: Naming, clip: Path) -> None:
    def take(moment: str) -> None:
        if moment == "stated":
            clip.with_name(taken).write_text("somebody's")

    with file_system_of(naming), pytest.raises(CopyExistsError, match=taken):
        job(clip, clip.with_name("copy.mp4"), take)
    assert names(clip.parent) == {"clip.mp4", taken}
    assert clip.with_name(taken).read_text() == "somebody's"


def test_of_two_drafts_of_one_copy_the_first_to_publish_wins(draft: Draft, custody: Custody, clip: Path) -> None:
    with draft_copy(clip.with_name("copy.mp4"), original=custody) as second:
        Path(second.path).write_bytes(b"the second")
        _publish(draft, custody)
        with pytest.raises(CopyExistsError):
            _publish(second, custody)
    assert clip.with_name("copy.mp4").read_bytes() == MASKED
    assert names(clip.parent) == {"clip.mp4", "copy.mp4", *companions("copy.mp4")}


@pytest.mark.parametrize("number", range(1, 7))
def test_a_second_run_that_comes_between_any_two_names_loses(
    number: int, draft: Draft, custody: Custody, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, count = os.link, 0

    def with_a_rival(*arguments: Any, **more: Any) -> None:
        nonlocal count
        count += 1
        really(*arguments, **more)
        if count == number:
            with pytest.raises(CopyExistsError):
                job(clip, clip.with_name("copy.mp4"))

    monkeypatch.setattr("os.link", with_a_rival)
    _publish(draft, custody)
    assert names(clip.parent) == {"clip.mp4", "copy.mp4", *companions("copy.mp4")}


@pytest.mark.parametrize("naming", Naming, ids=lambda naming: naming.value)
@pytest.mark.parametrize("failing", range(1, 8))
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.EIO, "broken"), OSError(errno.ENOSPC, "full")], ids=str
)
def test_a_failure_between_any_two_names_takes_all_of_them_back(
    naming: Naming, failing: int, error: BaseException, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from privmask.evidence.hidden import HiddenFile

    really, count = HiddenFile.take_name, 0

    def fails_after(self: HiddenFile, name: str) -> None:
        nonlocal count
        really(self, name)
        count += 1
        if count == failing:
            raise error

    monkeypatch.setattr(HiddenFile, "take_name", fails_after)
    with file_system_of(naming), pytest.raises((KeyboardInterrupt, CopyError)):
        job(clip, clip.with_name("copy.mp4"))
    assert names(clip.parent) == {"clip.mp4"}


def test_a_disk_that_fails_while_the_last_names_are_synced_takes_all_back(
    draft: Draft, custody: Custody, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, count = os.fsync, 0

    def broken(descriptor: int) -> None:
        nonlocal count
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            count += 1
            if count == 2:
                raise OSError(errno.EIO, "Input/output error")
        really(descriptor)

    statement = statement_of(custody.recheck(), draft.record())
    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(CopyError, match="read or write error"):
        draft.publish(statement)
    assert names(clip.parent) == {"clip.mp4"}


@pytest.mark.parametrize(
    ("number", "raised"), [(errno.ENOSPC, CopyError), (errno.EDQUOT, CopyError), (errno.EIO, OSError)]
)
def test_a_full_disk_of_the_encoder_is_a_copy_error_and_other_troubles_are_not_renamed(
    number: int, raised: type[Exception], clip: Path, custody: Custody
) -> None:
    with pytest.raises(raised), draft_copy(clip.with_name("copy.mp4"), original=custody):
        raise OSError(number, "from FFmpeg")


def test_a_file_system_without_permissions_is_said_so(
    clip: Path, custody: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.open

    def open_to_all(path: str, flags: int, _mode: int = 0, **more: Any) -> int:
        return really(path, flags, 0o666, **more)

    monkeypatch.setattr("os.open", open_to_all)
    was = os.umask(0)
    try:
        with draft_copy(clip.with_name("copy.mp4"), original=custody) as draft:
            assert draft.notices == ()  # the mode was put right
        monkeypatch.setattr("os.fchmod", lambda *_: None)
        with draft_copy(clip.with_name("copy.mp4"), original=custody) as draft:
            assert "keeps no permissions" in draft.notices[0].en
    finally:
        os.umask(was)


def test_descriptors_are_given_back(clip: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for number in range(3):
        job(clip, clip.with_name(f"copy{number}.mp4"))
        with pytest.raises(CopyExistsError):
            job(clip, clip.with_name(f"copy{number}.mp4"))
    assert os.listdir("/proc/self/fd") == before
