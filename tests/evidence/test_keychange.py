"""Keys come, change and go: held against the real `ssh-keygen`, on full disks, and killed at every point."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from unittest import mock

import pytest

from privmask.errors import CopyError, CopyExistsError, EvidenceError, PlanError
from privmask.evidence.allowed import read_allowed, read_revoked
from privmask.evidence.hidden import Naming
from privmask.evidence.keychange import make_key, revoke_key, rotate_key
from privmask.evidence.keyring import ALLOWED, KEY, PUBLIC, REVOKED, find_key, own_keys
from privmask.evidence.keys import public_half
from privmask.evidence.signers import KeyFileSigner, signed_by
from privmask.evidence.sshsig import NAMESPACE, PublicKey
from tests.conftest import ROOT
from tests.evidence.rings import NOON, ONE, THREE, TWO, WHO, make, names, rotate, ssh_keygen_verifies

MESSAGE = b"a statement"
SECOND = timedelta(seconds=1)
WHOLE = {KEY, PUBLIC, ALLOWED}


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "keys"


def _signed(ring: Path) -> bytes:
    return signed_by(KeyFileSigner(ring / KEY), MESSAGE)


def _never() -> bytes:
    pytest.fail("nobody should be asked")


def _lines(ring: Path) -> list[tuple[PublicKey, object, object]]:
    return [(line.key, line.after, line.before) for line in read_allowed((ring / ALLOWED).read_bytes())]


# Making --------------------------------------------------------------------------------------------------------------


def test_a_new_key_is_its_owners_alone_and_signs_from_that_moment_on(ring: Path) -> None:
    old = os.umask(0)
    try:
        signer = make_key(ring, WHO, lambda: None, NOON.replace(microsecond=999_999))
    finally:
        os.umask(old)
    assert ring.stat().st_mode & 0o777 == 0o700
    assert {(each.name, each.stat().st_mode & 0o777) for each in ring.iterdir()} == {(name, 0o600) for name in WHOLE}
    assert (signer.principals, signer.namespaces, signer.after, signer.before) == (WHO, NAMESPACE, NOON, None)
    assert read_allowed((ring / ALLOWED).read_bytes()) == (signer,)
    assert ssh_keygen_verifies(ring, _signed(ring), MESSAGE, NOON)
    assert not ssh_keygen_verifies(ring, _signed(ring), MESSAGE, NOON - SECOND)
    assert not ssh_keygen_verifies(ring, _signed(ring), MESSAGE + b"!", NOON)


def test_ssh_keygen_finds_the_signer_and_shows_the_fingerprint(ring: Path) -> None:
    public = make(ring)
    (ring.parent / "sig").write_bytes(_signed(ring))
    words = ["ssh-keygen", "-Y", "find-principals", "-s", "../sig", "-f", ALLOWED, "-Overify-time=20261123130000Z"]
    assert subprocess.run(words, cwd=ring, capture_output=True, text=True).stdout.split() == [WHO]
    shown = subprocess.run(["ssh-keygen", "-lf", PUBLIC], cwd=ring, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["256", public.key_id, WHO, "(ED25519)"]


def test_a_line_more_leaves_the_other_lines_alone(ring: Path) -> None:
    ring.mkdir(0o700, parents=True)
    others = f"# the other office\nother {PublicKey(bytes(32)).text}".encode()
    (ring / ALLOWED).write_bytes(others)
    make(ring)
    assert (ring / ALLOWED).read_bytes().startswith(others + b"\n" + WHO.encode())


@pytest.mark.parametrize("name", [KEY, PUBLIC])
def test_nothing_is_ever_replaced(name: str, ring: Path) -> None:
    ring.mkdir(0o700, parents=True)
    (ring / name).write_text("somebody's")
    with pytest.raises(CopyExistsError, match="keys rotate"):
        make_key(ring, WHO, _never, NOON)
    assert names(ring) == {name}
    assert (ring / name).read_text() == "somebody's"


@pytest.mark.parametrize(
    "name",
    ["", "gate keeper", "gate,door", "g*te", "g?te", "!gate", '"gate"', "gate'", "gate\n", "gate\u202e", "gate\u3000",
     "#gate", "-gate", "_gate", "gate$x", "gate;x", "か\u3099ate", "g" * 101],
)  # fmt: skip
def test_a_name_that_could_be_taken_for_something_else_is_refused(name: str, ring: Path) -> None:
    with pytest.raises(PlanError, match="name of a signer"):
        make_key(ring, name, _never, NOON)
    assert not ring.exists()


def test_a_name_may_be_of_any_script(ring: Path, tmp_path: Path) -> None:
    make_key(ring, "防犯係@東町会", lambda: None, NOON)
    (tmp_path / "sig").write_bytes(_signed(ring))
    words = [
        "-Y",
        "verify",
        "-f",
        str(ring / ALLOWED),
        "-I",
        "防犯係@東町会",
        "-n",
        NAMESPACE,
        "-s",
        str(tmp_path / "sig"),
    ]
    when = "-Overify-time=20261123120000Z"
    assert subprocess.run(["ssh-keygen", *words, when], input=MESSAGE, capture_output=True).returncode == 0


def test_a_folder_that_is_not_its_users_alone_is_refused(ring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring.mkdir(parents=True)
    for mode in (0o750, 0o701, 0o707):
        ring.chmod(mode)
        with pytest.raises(EvidenceError, match="open to others"):
            make_key(ring, WHO, _never, NOON)
    ring.chmod(0o700)
    (link := ring.with_name("link")).symlink_to(ring)
    for spelling in (link, f"{link}/"):
        with pytest.raises(EvidenceError, match="symbolic link"):
            make_key(spelling, WHO, _never, NOON)
    (file := ring.with_name("file")).touch()
    with pytest.raises(CopyError):
        make_key(file, WHO, _never, NOON)
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(EvidenceError, match="another user"):
        make_key(ring, WHO, _never, NOON)
    assert names(ring) == set()


def test_a_list_that_is_not_understood_is_told_before_anything_is_written(ring: Path) -> None:
    ring.mkdir(0o700, parents=True)
    (ring.parent / "shared").write_text("")
    (ring / ALLOWED).symlink_to(ring.parent / "shared")
    with pytest.raises(EvidenceError, match="is no file"):
        make_key(ring, WHO, _never, NOON)
    (ring / ALLOWED).unlink()
    os.mkfifo(ring / ALLOWED)
    with pytest.raises(EvidenceError, match="is no file"):
        make_key(ring, WHO, _never, NOON)
    (ring / ALLOWED).unlink()
    (ring / ALLOWED).write_text("gate\n")
    with pytest.raises(EvidenceError, match="line 1"):
        make_key(ring, WHO, _never, NOON)
    assert names(ring) == {ALLOWED}


def _works(change: Callable[[Path], object], ring: Path) -> bool:
    try:
        change(ring)
    except CopyError as error:
        if "disk is full" not in str(error):
            raise
        return False
    return True


@contextlib.contextmanager
def _disk_full_after(writes: int) -> Iterator[None]:
    calls = count()

    def fsync(_descriptor: int) -> None:
        if next(calls) >= writes:
            raise OSError(errno.ENOSPC, "No space left on device")

    with mock.patch("os.fsync", fsync):
        yield


def test_a_full_disk_leaves_no_key_or_a_whole_one(tmp_path: Path) -> None:
    for writes in count():
        ring = tmp_path / str(writes)
        with _disk_full_after(writes):
            done = _works(make, ring)
        assert (KEY in names(ring)) == (names(ring) >= WHOLE)
        if KEY not in names(ring):
            make(ring)
        assert len(own_keys(ring)[0].lines) == 1
        assert not [name for name in names(ring) if name.startswith(".")]
        if done:
            break
    assert writes > 5


def test_a_rotation_on_a_full_disk_leaves_a_key_that_signs_and_can_be_done_again(tmp_path: Path) -> None:
    for writes in count():
        ring = tmp_path / str(writes) / "keys"
        make(ring)
        with _disk_full_after(writes):
            done = _works(rotate, ring)
        assert ssh_keygen_verifies(ring, _signed(ring), MESSAGE, ONE)
        rotate(ring, TWO)
        assert ssh_keygen_verifies(ring, _signed(ring), MESSAGE, TWO)
        assert sum(before is None for _, _, before in _lines(ring)) == 1
        if done:
            break
    assert writes > 10


# Rotating ------------------------------------------------------------------------------------------------------------


def test_a_rotation_ends_one_validity_and_begins_another(ring: Path) -> None:
    first = make(ring)
    before = _signed(ring)
    done = rotate(ring, ONE)
    after = _signed(ring)
    assert (done.old, done.resumed) == (first, False)
    assert _lines(ring) == [(first, NOON, ONE), (done.new, ONE, None)]
    for signature, moment, holds in [
        (before, NOON, True),
        (before, ONE, True),
        (before, ONE + SECOND, False),
        (after, ONE - SECOND, False),
        (after, ONE, True),
        (after, THREE, True),
    ]:
        assert ssh_keygen_verifies(ring, signature, MESSAGE, moment) == holds
    until = "signing-key.until-20261123T130000Z"
    assert names(ring) == {*WHOLE, until, until + ".pub"}
    assert public_half((ring / until).read_bytes()) == first
    assert (ring / PUBLIC).read_text() == f"{done.new.text} {WHO}\n"
    assert (ring / (until + ".pub")).read_text() == f"{first.text} {WHO}\n"


def test_keys_follow_each_other(ring: Path) -> None:
    first = make(ring)
    second = rotate(ring, ONE).new
    third = rotate(ring, TWO).new
    assert _lines(ring) == [(first, NOON, ONE), (second, ONE, TWO), (third, TWO, None)]
    assert [key.public for key in own_keys(ring)] == [third, second, first]
    assert [key.current for key in own_keys(ring)] == [True, False, False]


def test_a_rotation_leaves_the_lines_of_others_alone(ring: Path) -> None:
    make(ring)
    mine = (ring / ALLOWED).read_bytes()
    others = f'# theirs\n"other"  {PublicKey(bytes(32)).text} comment\r\n'.encode()
    (ring / ALLOWED).write_bytes(others + mine)
    rotate(ring)
    assert (ring / ALLOWED).read_bytes().startswith(others + WHO.encode())


def test_a_key_of_ssh_keygen_with_a_line_of_ours_can_be_rotated(ring: Path) -> None:
    ring.mkdir(0o700, parents=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", ring / KEY], check=True)
    with pytest.raises(EvidenceError, match="whose key"):
        rotate_key(ring, _never, ONE)
    (ring / ALLOWED).write_text(f"{WHO} {(ring / PUBLIC).read_text()}")
    (ring / PUBLIC).unlink()
    done = rotate(ring)
    assert _lines(ring) == [(done.old, None, ONE), (done.new, ONE, None)]
    assert names(ring) >= {"signing-key.until-20261123T130000Z.pub"}


def test_what_cannot_be_rotated_is_told_before_anybody_is_asked(ring: Path) -> None:
    with pytest.raises(EvidenceError, match="no folder of keys"):
        rotate_key(ring, _never, ONE)
    ring.mkdir(0o700, parents=True)
    with pytest.raises(EvidenceError, match="keys new"):
        rotate_key(ring, _never, ONE)
    make(ring, NOON)
    for now in (NOON, NOON - SECOND):
        with pytest.raises(EvidenceError, match="the clock of this machine"):
            rotate_key(ring, _never, now)
    (ring / PUBLIC).write_text(PublicKey(bytes(32)).text)
    with pytest.raises(EvidenceError, match="not the public half"):
        rotate_key(ring, _never, ONE)
    assert len(_lines(ring)) == 1


# Revoking ------------------------------------------------------------------------------------------------------------


def test_what_a_revoked_key_signed_holds_no_more_and_what_others_signed_does(ring: Path) -> None:
    first = make(ring)
    before = _signed(ring)
    rotate(ring)
    done = revoke_key(ring, first, "鍵の紛失", TWO)
    assert (done.new, done.was_current) == (True, False)
    assert (ring / REVOKED).read_text() == f"# 2026-11-23 14:00:00 UTC: 鍵の紛失\n{first.text}\n"
    assert read_revoked((ring / REVOKED).read_bytes()) == {first.key_id}
    assert not ssh_keygen_verifies(ring, before, MESSAGE, NOON, "-r", REVOKED)
    assert ssh_keygen_verifies(ring, before, MESSAGE, NOON)
    assert ssh_keygen_verifies(ring, _signed(ring), MESSAGE, TWO, "-r", REVOKED)
    assert [key.revoked for key in own_keys(ring)] == [False, True]


def test_a_revoked_key_signs_no_more_and_makes_room_for_a_new_one(ring: Path) -> None:
    first = make(ring)
    assert revoke_key(ring, first, "lost", ONE).was_current
    assert names(ring) == {
        ALLOWED,
        REVOKED,
        "signing-key.revoked-20261123T130000Z",
        "signing-key.revoked-20261123T130000Z.pub",
    }
    again = revoke_key(ring, first, "lost", TWO)
    assert (again.new, again.was_current) == (False, False)
    second = make(ring, TWO)
    assert [(key.public, key.current, key.revoked) for key in own_keys(ring)] == [
        (second, True, False),
        (first, False, True),
    ]


def test_a_list_without_an_end_of_line_is_gone_on_with(ring: Path) -> None:
    ring.mkdir(0o700, parents=True)
    other = PublicKey(bytes(32))
    (ring / REVOKED).write_text(other.text)
    key = make(ring)
    revoke_key(ring, key, "lost", ONE)
    assert read_revoked((ring / REVOKED).read_bytes()) == {other.key_id, key.key_id}


def test_a_key_can_be_revoked_although_the_list_of_signers_is_broken(ring: Path) -> None:
    key = make(ring)
    (ring / ALLOWED).write_text("broken\n")
    assert revoke_key(ring, find_key(ring, "current"), "lost", ONE).was_current
    assert read_revoked((ring / REVOKED).read_bytes()) == {key.key_id}


@pytest.mark.parametrize("reason", ["", " ", "two\nlines", "\x1b[2J", "x" * 201])
def test_a_reason_that_is_no_line_of_text_is_refused(reason: str, ring: Path) -> None:
    key = make(ring)
    with pytest.raises(PlanError, match="one line of text"):
        revoke_key(ring, key, reason, ONE)
    assert names(ring) == WHOLE


# Killed at every point -----------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of changes would wait for the disk most of the time."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def _killed(task: str, naming: Naming, folder: Path) -> list[Path]:
    """The rings in which the task was killed, one step later in each; in the last one it was not."""
    command = [sys.executable, "-m", "tests.evidence.rings", task, naming.value, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    rings = sorted((each for each in folder.iterdir() if each.name.isdigit()), key=lambda each: int(each.name))
    assert len(rings) > 40
    return [each / "keys" for each in rings]


NAMINGS = pytest.mark.parametrize("naming", [Naming.NAMELESS, Naming.LINK], ids=lambda naming: naming.value)


@NAMINGS
def test_kill_9_at_any_point_of_making_a_key_leaves_none_or_a_whole_one(naming: Naming, place: Path) -> None:
    found = set()
    for ring in _killed("making", naming, place):
        stands = ring.exists() and KEY in names(ring)
        found.add(stands)
        assert not stands or names(ring) >= WHOLE
        if stands:
            with pytest.raises(CopyExistsError):
                make(ring)
        else:
            make(ring)
        assert names(ring) == WHOLE
        assert _lines(ring) == [(public_half((ring / KEY).read_bytes()), NOON, None)]
    assert found == {True, False}


@pytest.mark.slow
@NAMINGS
def test_kill_9_at_any_point_of_a_rotation_leaves_a_key_that_signs_and_the_next_one_completes_it(
    naming: Naming, place: Path
) -> None:
    ends = []
    for ring in _killed("rotating", naming, place):
        first = public_half((ring.parent / "first").read_bytes())
        signs = public_half((ring / KEY).read_bytes())
        (line,) = (line for line in read_allowed((ring / ALLOWED).read_bytes()) if line.key == signs)
        assert not line.refusal(NAMESPACE, ONE + SECOND, WHO)
        done = rotate(ring, TWO)
        ends.append((signs == first, done.resumed))
        assert done.old == (first if done.resumed or signs == first else signs)
        end = TWO if signs == first else ONE
        expected = [(first, NOON, end), (signs if done.resumed else done.new, end, None)]
        if not done.resumed and signs != first:
            expected = [(first, NOON, ONE), (signs, ONE, TWO), (done.new, TWO, None)]
        assert _lines(ring) == expected
        until = {f"signing-key.until-{before:%Y%m%dT%H%M%SZ}" for _, _, before in expected if before}
        assert names(ring) == {*WHOLE, *until, *(name + ".pub" for name in until)}
        assert find_key(ring, "current") == expected[-1][0]
    assert list(dict.fromkeys(ends)) == [(True, False), (False, True), (False, False)]


@pytest.mark.slow
def test_kill_9_while_a_change_is_taken_back_leaves_nothing_of_it_after_the_next(place: Path) -> None:
    for ring in _killed("recovering", Naming.NAMELESS, place):
        first = public_half((ring.parent / "first").read_bytes())
        rotate(ring, THREE)
        closed = {f"signing-key.until-{before:%Y%m%dT%H%M%SZ}": key for key, _, before in _lines(ring) if before}
        assert {public_half((ring / name).read_bytes()) for name in closed} == set(closed.values())
        assert first in closed.values()
        assert names(ring) == {*WHOLE, *closed, *(name + ".pub" for name in closed)}
        assert [key for key, _, before in _lines(ring) if not before] == [find_key(ring, "current")]


@NAMINGS
def test_kill_9_at_any_point_of_a_revocation_is_mended_by_the_next(naming: Naming, place: Path) -> None:
    for ring in _killed("revoking", naming, place):
        first = public_half((ring.parent / "first").read_bytes())
        revoke_key(ring, first, "lost", TWO)
        assert (ring / REVOKED).read_text().count(first.text) == 1
        assert KEY not in names(ring)
        assert PUBLIC not in names(ring)
        assert not [name for name in names(ring) if name.startswith(".")]
