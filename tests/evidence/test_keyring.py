"""The folder of keys: where it is, and what is read out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from privmask.errors import CopyError, EvidenceError
from privmask.evidence.allowed import AllowedSigner, allowed_line
from privmask.evidence.keychange import revoke_key
from privmask.evidence.keyring import (
    KEY,
    PUBLIC,
    default_folder,
    default_key,
    described,
    find_key,
    own_keys,
    place,
    put,
    read_signers,
)
from privmask.evidence.sshsig import PublicKey
from tests.evidence.rings import NOON, ONE, WHO, make, names, rotate

OTHER = PublicKey(bytes(32))


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.mark.parametrize(
    ("set_to", "folder"),
    [
        ({"PRIVMASK_KEYS": "/k", "XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/k"),
        ({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/privmask/keys"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}, "/h/.config/privmask/keys"),
        ({"PRIVMASK_KEYS": "", "XDG_CONFIG_HOME": "", "HOME": "/h"}, "/h/.config/privmask/keys"),
    ],
)
def test_the_folder_is_where_the_user_keeps_settings(
    set_to: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PRIVMASK_KEYS", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    assert default_folder() == folder


def test_without_a_home_a_folder_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRIVMASK_KEYS", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "nowhere")
    with pytest.raises(EvidenceError, match="PRIVMASK_KEYS"):
        default_folder()


def test_the_default_key_is_whatever_has_its_name(ring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVMASK_KEYS", str(ring))
    assert default_key() is None
    ring.mkdir()
    assert default_key() is None
    (ring / KEY).symlink_to("nothing")
    assert default_key() == str(ring / KEY)


def test_keys_are_told_with_their_lines_and_their_state(ring: Path) -> None:
    first = make(ring)
    second = rotate(ring).new
    revoke_key(ring, first, "lost", ONE)
    now, before = own_keys(ring)
    assert (now.public, now.current, now.revoked) == (second, True, False)
    assert (before.public, before.current, before.revoked) == (first, False, True)
    assert now.lines == (AllowedSigner(WHO, second, after=ONE),)
    assert before.lines == (AllowedSigner(WHO, first, after=NOON, before=ONE),)


def test_keys_of_others_are_not_among_ones_own(ring: Path) -> None:
    key = make(ring)
    with (ring / "allowed_signers").open("a") as file:
        file.write(f"other {OTHER.text}\n")
    (ring / "other.pub").write_text(OTHER.text)
    (ring / "signing-key.until-20260101T000000Z.pub").write_text("ssh-rsa AAAA")
    assert [each.public for each in own_keys(ring)] == [key]
    assert described(ring, OTHER).lines == (AllowedSigner("other", OTHER, None),)


def test_a_key_is_found_by_fingerprint_by_file_and_as_the_current_one(ring: Path, tmp_path: Path) -> None:
    first = make(ring)
    second = rotate(ring).new
    (tmp_path / "other.pub").write_text(f"{OTHER.text} comment\n")
    assert find_key(ring, "current") == second
    assert find_key(ring, first.key_id) == first
    assert find_key(ring, str(tmp_path / "other.pub")) == OTHER
    for word in (OTHER.key_id, "SHA256:", str(tmp_path / "missing.pub"), str(ring / KEY)):
        with pytest.raises(EvidenceError):
            find_key(ring, word)
    (ring / KEY).unlink()
    with pytest.raises(EvidenceError, match="no key current"):
        find_key(ring, "current")


def test_a_key_whose_line_is_gone_is_still_known_by_its_fingerprint(ring: Path) -> None:
    key = make(ring)
    (ring / "allowed_signers").unlink()
    assert find_key(ring, key.key_id) == key
    assert own_keys(ring)[0].lines == ()


def test_a_key_is_described_without_a_folder_too(ring: Path) -> None:
    known = described(ring, OTHER)
    assert (known.lines, known.current, known.revoked) == ((), False, False)
    assert not ring.exists()


def test_signers_are_read_from_a_public_key_and_from_a_list(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text(OTHER.text)
    assert read_signers(path) == {OTHER: ()}
    line = AllowedSigner(WHO, OTHER)
    path.write_text(f"# theirs\n{allowed_line(line)}\n{allowed_line(line)}\n")
    assert read_signers(path) == {OTHER: (line, line)}
    for wrong in ("ssh-rsa AAAA", "nobody"):
        path.write_text(wrong)
        with pytest.raises(EvidenceError):
            read_signers(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(EvidenceError, match="pipe"):
        read_signers(path)


def test_what_is_unfinished_in_the_folder_is_swept(ring: Path) -> None:
    make(ring)
    (ring / ".allowed_signers.privmask-draft-0123abcd").touch()
    own_keys(ring)
    assert names(ring) == {KEY, PUBLIC, "allowed_signers"}


def test_a_file_is_placed_once_and_put_again(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        place(folder, "list", b"1")
        with pytest.raises(FileExistsError):
            place(folder, "list", b"2")
        assert (tmp_path / "list").read_bytes() == b"1"
        put(folder, "list", b"3")
        assert (tmp_path / "list").read_bytes() == b"3"
        assert names(tmp_path) == {"list"}
    finally:
        os.close(folder)


def test_a_folder_that_may_not_be_read_is_told(ring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(ring)

    def refused(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("privmask.evidence.keys.os.open", refused)
    with pytest.raises(CopyError, match="permission denied"):
        own_keys(ring)
