from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privmask.cli import keys as command
from privmask.cli import passphrases
from privmask.evidence.keyring import KEY
from privmask.evidence.keys import new_key
from privmask.evidence.signers import KeyFileSigner
from privmask.evidence.sshsig import PublicKey
from tests.cli.conftest import Privmask, environment
from tests.cli.conftest import command as command_line

SECRET = "浅間山 07"


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The usual folder of keys, which is not there yet; every command comes an hour after the last."""
    hours = iter(range(24))
    monkeypatch.setattr(command, "_now", lambda: datetime(2026, 11, 23, next(hours), tzinfo=UTC))
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("PRIVMASK_PASSPHRASE_FILE", raising=False)
    return tmp_path / "keys"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """`typed("a", "b")`: somebody sits at the terminal and will type that; what was asked is in the list."""

    def sit(*answers: str) -> list[str]:
        asked: list[str] = []
        coming = iter(answers)

        def getpass(prompt: str) -> str:
            asked.append(prompt)
            return next(coming)

        monkeypatch.setattr(passphrases, "_is_terminal", lambda: True)
        monkeypatch.setattr("getpass.getpass", getpass)
        return asked

    return sit


def _public(ring: Path) -> PublicKey:
    return PublicKey.parse(*(ring / "signing-key.pub").read_text().split()[:2])


def test_a_new_key_is_told_with_the_line_to_hand_out(
    privmask: Privmask, ring: Path, typed: Callable[..., list[str]]
) -> None:
    asked = typed(SECRET, SECRET)
    done = privmask("keys", "new", "--name", "gate@office")
    assert (done.code, done.err) == (0, "")
    line = (ring / "allowed_signers").read_text().strip()
    assert line in done.out.split("\n")
    assert line.startswith('gate@office namespaces="privmask.provenance.v1",valid-after="20261123000000Z" ssh-ed25519 ')
    assert len(asked) == 2
    assert KeyFileSigner(ring / KEY, SECRET.encode).key_id == _public(ring).key_id


def test_a_key_without_a_passphrase_is_said_aloud(privmask: Privmask) -> None:
    done = privmask("keys", "new", "--no-passphrase")
    assert done.code == 0
    assert "NO PASSPHRASE" in done.err
    assert re.search(r"^\S+@\S+ namespaces=", done.out, re.MULTILINE)


def test_a_passphrase_that_was_typed_in_two_ways_or_not_at_all_makes_no_key(
    privmask: Privmask, ring: Path, typed: Callable[..., list[str]]
) -> None:
    typed(SECRET, SECRET + "!")
    assert "two different passphrases" in privmask("keys", "new").err
    typed("")
    done = privmask("keys", "new")
    assert (done.code, "--no-passphrase" in done.err) == (2, True)
    assert list(ring.iterdir()) == []


def test_where_nobody_sits_the_passphrase_comes_out_of_a_private_file(
    privmask: Privmask, ring: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = privmask("keys", "new")
    assert done.code == 2
    assert "PRIVMASK_PASSPHRASE_FILE" in done.err
    (file := tmp_path / "secret").touch(0o600)
    file.write_text(SECRET + "\n")
    monkeypatch.setenv("PRIVMASK_PASSPHRASE_FILE", str(file))
    file.chmod(0o644)
    assert privmask("keys", "new").code == 2
    file.chmod(0o600)
    assert privmask("keys", "new", "--json").data["passphrase"] is True
    assert KeyFileSigner(ring / KEY, passphrases.passphrase_of(ring / KEY)).key_id == _public(ring).key_id


def test_a_locked_key_is_asked_for_by_its_name(tmp_path: Path, typed: Callable[..., list[str]]) -> None:
    tmp_path.chmod(0o700)
    (path := tmp_path / "key").touch(0o600)
    path.write_bytes(new_key(SECRET.encode())[0])
    asked = typed(SECRET)
    KeyFileSigner(path, passphrases.passphrase_of(path))
    assert asked == [f"Passphrase of the key '{path}': "]
    path.write_bytes(new_key(None)[0])
    KeyFileSigner(path, passphrases.passphrase_of(path))
    assert len(asked) == 1


def test_a_passphrase_is_not_shown_on_the_terminal(tmp_path: Path) -> None:
    terminal, other_end = pty.openpty()
    words = command_line("keys", "new", "--name", "gate", "--folder", tmp_path / "mine")
    process = subprocess.Popen(
        words, stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True, env=environment()
    )
    os.close(other_end)
    seen = b""
    for prompt in (b"Passphrase of the new key: ", b"The same again: "):
        while prompt not in seen:
            seen += os.read(terminal, 1000)
        os.write(terminal, SECRET.encode() + b"\n")
    assert process.wait(60) == 0
    seen += os.read(terminal, 10_000)
    os.close(terminal)
    assert b"ssh-ed25519" in seen
    assert SECRET.encode() not in seen
    assert KeyFileSigner(tmp_path / "mine" / KEY, SECRET.encode).key_id


def test_who_types_nothing_at_all_makes_no_key(
    privmask: Privmask, typed: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_prompt: str) -> str:
        raise EOFError

    typed()
    monkeypatch.setattr("getpass.getpass", closed)
    done = privmask("keys", "new")
    assert (done.code, "no passphrase was typed" in done.err) == (2, True)


def test_a_key_is_never_replaced_and_a_bad_name_never_taken(privmask: Privmask, ring: Path) -> None:
    assert privmask("keys", "new", "--name", "gate keeper", "--no-passphrase").code == 2
    assert privmask("keys", "new", "--no-passphrase").code == 0
    before = (ring / KEY).read_bytes()
    done = privmask("keys", "new", "--no-passphrase")
    assert done.code == 7
    assert "privmask keys rotate" in done.err
    assert (ring / KEY).read_bytes() == before


def test_a_user_without_a_name_has_to_say_one(privmask: Privmask, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr("getpass.getuser", nobody)
    done = privmask("keys", "new", "--no-passphrase")
    assert (done.code, "--name" in done.err) == (2, True)
    assert privmask("keys", "new", "--no-passphrase", "--name", "gate").code == 0


def test_a_key_is_shown_to_be_read_out_over_the_phone(privmask: Privmask, ring: Path) -> None:
    privmask("keys", "new", "--no-passphrase", "--name", "gate")
    done = privmask("keys", "show")
    assert done.code == 0
    assert (ring / "allowed_signers").read_text().strip() in done.out
    key_id = _public(ring).key_id
    assert f"{key_id}  signs now, valid from 2026-11-23 00:00:00 UTC on" in done.out
    shown = done.out.split("as ssh-keygen -l shows it")[1].splitlines()[0]
    assert "SHA256:" + "".join(shown.split()) == key_id
    assert all(len(group) <= 4 for group in shown.split())
    read_out = "".join(re.findall(r"\d+", done.out.split("電話用")[1]))
    assert read_out == "".join(command.digits(key_id).split())


def test_the_digits_are_the_whole_fingerprint() -> None:
    assert command.digits("SHA256:" + "A" * 42 + "E") == " ".join(["0000"] * 19 + ["0001"])
    assert command.digits("SHA256:" + "/" * 42 + "8").replace(" ", "") == str(2**256 - 1).zfill(80)


def test_a_folder_without_a_key_says_how_to_make_one(privmask: Privmask, ring: Path) -> None:
    for words in (["show"], ["rotate", "--no-passphrase"], ["revoke", "current", "--reason", "lost"]):
        done = privmask("keys", *words)
        assert (done.code, "privmask keys new" in done.err) == (3, True)
    ring.mkdir(0o700)
    done = privmask("keys", "show")
    assert (done.code, "privmask keys new" in done.err) == (2, True)


def test_what_a_recipient_was_given_is_shown_alike(privmask: Privmask, ring: Path, tmp_path: Path) -> None:
    privmask("keys", "new", "--no-passphrase", "--name", "gate")
    mine = privmask("keys", "show", "--json").data["keys"]
    given = tmp_path / "given"
    given.write_bytes((ring / "allowed_signers").read_bytes())
    (theirs,) = privmask("keys", "show", given, "--folder", tmp_path / "none", "--json").data["keys"]
    assert theirs == {**mine[0], "current": False}
    assert privmask("keys", "show", ring / "signing-key.pub", "--json").data["keys"] == mine
    given.write_text("nobody\n")
    assert privmask("keys", "show", given).code == 3


def test_the_key_of_an_agent_is_shown_although_no_list_has_it(privmask: Privmask, tmp_path: Path) -> None:
    path = tmp_path / "agent.pub"
    path.write_text(f"{PublicKey(bytes(32), b'ssh:').text} comment\n")
    done = privmask("keys", "show", path)
    assert done.code == 0
    assert "write a name before it)  sk-ssh-ed25519@openssh.com " in done.out


def test_a_rotation_says_both_lines_and_shows_both_states(privmask: Privmask, ring: Path) -> None:
    privmask("keys", "new", "--no-passphrase", "--name", "gate")
    first = _public(ring).key_id
    done = privmask("keys", "rotate", "--no-passphrase")
    second = _public(ring).key_id
    assert done.code == 0
    assert "NO PASSPHRASE" in done.err
    assert f"From now on {second} signs, and {first} does not any more." in done.out
    assert set((ring / "allowed_signers").read_text().splitlines()) <= set(done.out.splitlines())
    shown = privmask("keys", "show").out
    assert f"{second}  signs now, valid from 2026-11-23 01:00:00 UTC on" in shown
    assert f"{first}  does not sign here, valid from 2026-11-23 00:00:00 UTC until 2026-11-23 01:00:00 UTC" in shown
    keys = privmask("keys", "show", "--json").data["keys"]
    assert [(key["current"], key["lines"][0]["valid_until"]) for key in keys] == [
        (True, None),
        (False, "2026-11-23T01:00:00+00:00"),
    ]


def test_a_rotation_that_was_cut_off_is_completed_and_nobody_is_asked(
    privmask: Privmask, ring: Path, typed: Callable[..., list[str]]
) -> None:
    privmask("keys", "new", "--no-passphrase", "--name", "gate")
    old = (ring / "signing-key.pub").read_bytes()
    privmask("keys", "rotate", "--no-passphrase")
    (ring / "signing-key.pub").write_bytes(old)  # as it stands when the new key already has its name
    asked = typed()
    done = privmask("keys", "rotate")
    assert (done.code, asked) == (0, [])
    assert "cut off" in done.err
    assert (ring / "signing-key.pub").read_bytes() != old


def test_a_revocation_says_what_follows(privmask: Privmask, ring: Path) -> None:
    privmask("keys", "new", "--no-passphrase", "--name", "gate")
    first = _public(ring).key_id
    done = privmask("keys", "revoke", "current", "--reason", "鍵の紛失")
    assert done.code == 0
    assert "Every copy that it signed" in done.out
    assert f"send '{ring / 'revoked'}'" in done.out
    assert "privmask keys new" in done.out
    again = privmask("keys", "revoke", first, "--reason", "lost", "--json").data
    assert (again["new"], again["was_current"], again["exit_code"]) == (False, False, 0)
    assert f"{first}  REVOKED, valid from" in privmask("keys", "show").out
    assert "鍵の紛失" in (ring / "revoked").read_text()
    assert privmask("keys", "revoke", "SHA256:unknown", "--reason", "lost").code == 3
    assert privmask("keys", "revoke", first, "--reason", "two\nlines").code == 2


@pytest.mark.parametrize("word", ["show", "rotate", "new"])
def test_an_open_folder_is_refused_with_the_command_that_closes_it(word: str, privmask: Privmask, ring: Path) -> None:
    ring.mkdir(0o755)
    done = privmask("keys", word)
    assert done.code == 2
    assert f"chmod 700 '{ring}'" in done.err


def test_words_alone_load_no_key(tmp_path: Path) -> None:
    script = "import sys, privmask.cli.app; sys.exit(any(n.split('.')[0] == 'cryptography' for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], env=environment(), cwd=tmp_path).returncode == 0
