"""Sealing to recipients: streams, other people's programs, and every way in which nothing is left."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import CopyError, CopyExistsError, EvidenceError, PolicyError
from privmask.register.sealing import Passphrase, Recipient, open_sealed, seal, seal_stream
from privmask.register.vault_age import decrypting, lock_identity, new_identity, public_of, unlock_identity
from privmask.register.vault_files import BLOCK
from privmask.register.vault_streams import ChunkReader, drain
from tests.conftest import ROOT
from tests.register.vaults import IDENTITY, RECIPIENT, hidden

WORDS = "correct horse battery"
CHUNK = 64 << 10  # age encrypts so many bytes at a time
AGE = shutil.which("age")
needs_age = pytest.mark.skipif(AGE is None, reason="the program age is not installed")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(os.urandom(3 * CHUNK + 17))
    return path


@pytest.fixture
def sealed(clip: Path, tmp_path: Path) -> Path:
    seal(clip, tmp_path / "clip.age", [RECIPIENT])
    return tmp_path / "clip.age"


def ssh_key(folder: Path, kind: str = "ed25519") -> tuple[Path, str]:
    """A new SSH key without a passphrase: its private file, and its public line."""
    path = folder / f"ssh-{kind}"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "an officer", "-f", path], check=True)
    return path, path.with_suffix(".pub").read_text()


def age_opens(sealed: Path, key: Path) -> bytes:
    done = subprocess.run([str(AGE), "-d", "-i", key, sealed], capture_output=True, check=True)
    return done.stdout


def test_what_was_sealed_to_a_key_opens_with_it_and_only_its_owner_may_read_either_file(
    clip: Path, tmp_path: Path
) -> None:
    made = seal(clip, tmp_path / "clip.age", [RECIPIENT])
    open_sealed(tmp_path / "clip.age", tmp_path / "opened.mp4", [new_identity()[0], IDENTITY])
    assert (tmp_path / "opened.mp4").read_bytes() == clip.read_bytes()
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("clip.age", "opened.mp4")} == {0o600}
    assert made.bytes == (tmp_path / "clip.age").stat().st_size
    assert made.sha256 == subprocess.check_output(["sha256sum", tmp_path / "clip.age"], text=True).split()[0]
    assert made.key is None
    assert not hidden(tmp_path)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, BLOCK, BLOCK + 1])
def test_files_of_every_awkward_size_come_back(size: int, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(os.urandom(size))
    seal(tmp_path / "in", tmp_path / "in.age", [RECIPIENT])
    open_sealed(tmp_path / "in.age", tmp_path / "out", [IDENTITY])
    assert (tmp_path / "out").read_bytes() == (tmp_path / "in").read_bytes()


def test_a_descriptor_is_sealed_from_its_beginning_wherever_it_stands(clip: Path, tmp_path: Path) -> None:
    with clip.open("rb") as file:
        file.seek(1000)
        seal(file.fileno(), tmp_path / "clip.age", [RECIPIENT])
        assert file.tell() == 1000
    with (tmp_path / "clip.age").open("rb") as file:
        open_sealed(file.fileno(), tmp_path / "out", [IDENTITY])
    assert (tmp_path / "out").read_bytes() == clip.read_bytes()


@needs_age
def test_each_of_several_recipients_opens_it_alone_with_the_age_program(clip: Path, tmp_path: Path) -> None:
    ssh, public = ssh_key(tmp_path)
    key = tmp_path / "key"
    key.write_text(IDENTITY)
    seal(clip, tmp_path / "clip.age", [RECIPIENT, public])
    assert age_opens(tmp_path / "clip.age", key) == clip.read_bytes()
    assert age_opens(tmp_path / "clip.age", ssh) == clip.read_bytes()


@needs_age
def test_what_the_age_program_sealed_is_opened(clip: Path, tmp_path: Path) -> None:
    subprocess.run([str(AGE), "-r", RECIPIENT, "-o", tmp_path / "theirs.age", clip], check=True)
    open_sealed(tmp_path / "theirs.age", tmp_path / "out", [IDENTITY])
    assert (tmp_path / "out").read_bytes() == clip.read_bytes()


@needs_age
@pytest.mark.slow
def test_a_passphrase_seals_a_key_beside_the_file_and_age_asks_for_it(clip: Path, tmp_path: Path) -> None:
    made = seal(clip, tmp_path / "clip.age", [Passphrase(WORDS)])
    assert made.key == str(tmp_path / "clip.age.key")
    assert IDENTITY[:15].encode() not in Path(made.key).read_bytes()
    # `script` gives age the terminal that it asks on.
    command = f"age -d -i {made.key} -o {tmp_path}/out {made.path}"
    subprocess.run(
        ["script", "-qec", command, "/dev/null"], input=f"{WORDS}\n", text=True, check=True, capture_output=True
    )
    assert (tmp_path / "out").read_bytes() == clip.read_bytes()
    identity = unlock_identity(Path(made.key).read_bytes(), WORDS)
    open_sealed(made.path, tmp_path / "ours", [identity])
    assert (tmp_path / "ours").read_bytes() == clip.read_bytes()
    with pytest.raises(PolicyError, match="passphrase is wrong"):
        unlock_identity(Path(made.key).read_bytes(), WORDS + "!")


def test_a_passphrase_is_not_shown() -> None:
    assert WORDS not in repr(Passphrase(WORDS))


@pytest.mark.parametrize(
    ("recipients", "words"),
    [
        ([], "no recipient"),
        (["age1nobody"], "recipient 1 is no public key"),
        ([RECIPIENT, "hello"], "recipient 2 is no public key"),
        ([""], "recipient 1"),
        ([RECIPIENT[:-1] + "x"], "recipient 1"),
        (["ssh-ed25519 AAAA"], "recipient 1"),
        (["ssh-dss AAAAB3NzaC1kc3MAAACBAP"], "recipient 1"),
        ([IDENTITY], "recipient 1 is a private key"),
        ([IDENTITY.lower()], "recipient 1 is a private key"),
        ([Passphrase("short")], "too short: at least 12"),
        ([Passphrase(WORDS), Passphrase(WORDS)], "one passphrase only"),
    ],
)
def test_who_cannot_be_encrypted_to_is_refused_before_anything_is_written(
    recipients: list[Recipient], words: str, clip: Path, tmp_path: Path
) -> None:
    with pytest.raises(PolicyError, match=words) as refused:
        seal(clip, tmp_path / "clip.age", recipients)
    assert refused.value.text
    assert IDENTITY not in str(refused.value)
    assert os.listdir(tmp_path) == ["clip.mp4"]


def test_an_ssh_key_of_another_kind_is_refused(clip: Path, tmp_path: Path) -> None:
    _, public = ssh_key(tmp_path, "ecdsa")
    with pytest.raises(PolicyError, match="expected age1… or ssh-ed25519"):
        seal(clip, tmp_path / "clip.age", [public])


def test_another_key_opens_nothing_and_leaves_nothing(sealed: Path, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="sealed for others"):
        open_sealed(sealed, tmp_path / "out", [new_identity()[0]])
    assert {"clip.mp4", "clip.age"} == {*os.listdir(tmp_path)}


@pytest.mark.parametrize(
    "place", [0, 30, 120, 200, 300, CHUNK // 2, CHUNK + 300, 2 * CHUNK, -17, -1], ids=lambda place: f"byte {place}"
)
def test_one_changed_byte_leaves_nothing(place: int, sealed: Path, tmp_path: Path) -> None:
    content = bytearray(sealed.read_bytes())
    content[place] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(EvidenceError):
        open_sealed(sealed, tmp_path / "out", [IDENTITY])
    assert {"clip.mp4", "clip.age"} == {*os.listdir(tmp_path)}


@pytest.mark.parametrize(
    "tamper",
    [
        lambda text: text[:-1],
        lambda text: text[: -CHUNK - 16],
        lambda text: text[: -(CHUNK + 16) - 33],
        lambda text: text + b"\0",
        lambda text: text + text,
        lambda text: text[:40],
        lambda _: b"",
        lambda _: b"not age at all\n" * 9000,
        lambda text: text[: 200 + CHUNK] + text[200 + 2 * CHUNK :],
    ],
)
def test_a_cut_or_lengthened_file_leaves_nothing(
    tamper: Callable[[bytes], bytes], sealed: Path, tmp_path: Path
) -> None:
    sealed.write_bytes(tamper(sealed.read_bytes()))
    with pytest.raises(EvidenceError):
        open_sealed(sealed, tmp_path / "out", [IDENTITY])
    assert {"clip.mp4", "clip.age"} == {*os.listdir(tmp_path)}


@pytest.mark.parametrize("taken", ["clip.age", "clip.age.key"])
def test_nothing_is_replaced_not_even_the_name_of_the_key(taken: str, clip: Path, tmp_path: Path) -> None:
    (tmp_path / taken).write_text("somebody's")
    with (
        pytest.raises(CopyExistsError, match=taken),
        mock.patch("privmask.register.sealing.lock_identity", return_value=b"locked"),
    ):
        seal(clip, tmp_path / "clip.age", [Passphrase(WORDS)])
    assert {"clip.mp4", taken} == {*os.listdir(tmp_path)}
    assert (tmp_path / taken).read_text() == "somebody's"


@pytest.mark.parametrize("taken", ["clip.age", "clip.age.key"])
def test_a_name_that_is_taken_is_told_before_the_work(taken: str, tmp_path: Path) -> None:
    (tmp_path / taken).write_text("somebody's")
    with (
        mock.patch("privmask.register.sealing.lock_identity", return_value=b"locked"),
        mock.patch("privmask.register.sealing.encrypt") as encrypt,
        pytest.raises(CopyExistsError),
    ):
        seal_stream(ChunkReader([]), tmp_path / "clip.age", [Passphrase(WORDS)])
    assert not encrypt.called


def test_a_name_that_is_taken_at_the_last_moment_is_not_replaced_and_the_key_goes_too(tmp_path: Path) -> None:
    def late(target: Path) -> Iterator[bytes]:
        yield b"first"
        target.write_text("somebody's")

    target = tmp_path / "clip.age"
    with pytest.raises(CopyExistsError), mock.patch("privmask.register.sealing.lock_identity", return_value=b"locked"):
        seal_stream(ChunkReader(late(target)), target, [Passphrase(WORDS)])
    assert os.listdir(tmp_path) == ["clip.age"]
    assert target.read_text() == "somebody's"


def test_links_and_folders_are_not_sealed(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(clip)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", ".", "missing"):
        with pytest.raises(CopyError):
            seal(tmp_path / name, tmp_path / "out.age", [RECIPIENT])
    assert not (tmp_path / "out.age").exists()


def test_a_file_that_grows_while_it_is_sealed_is_refused(clip: Path, tmp_path: Path) -> None:
    really, grown = os.pread, itertools.count()

    def growing(descriptor: int, count: int, at: int) -> bytes:
        if next(grown) == 0:
            with clip.open("ab") as file:
                file.write(b"more")
        return really(descriptor, count, at)

    with mock.patch("os.pread", growing), pytest.raises(CopyError, match="changed while it was read"):
        seal(clip, tmp_path / "clip.age", [RECIPIENT])
    assert os.listdir(tmp_path) == ["clip.mp4"]


def test_a_full_disk_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    with mock.patch("os.fsync", side_effect=OSError(errno.ENOSPC, "No space")), pytest.raises(CopyError) as refused:
        seal(clip, tmp_path / "clip.age", [RECIPIENT])
    assert "the disk is full" in str(refused.value)
    assert "空きがありません" in refused.value.args[0].said("ja")
    assert os.listdir(tmp_path) == ["clip.mp4"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_disk_that_is_full_in_the_midst_of_a_stream_is_told_as_such(clip: Path) -> None:
    from privmask.register.vault_age import encrypt

    with pytest.raises(OSError, match="No space"), open("/dev/full", "wb", buffering=0) as full:
        encrypt(ChunkReader([clip.read_bytes()]), full, [RECIPIENT])


@pytest.mark.parametrize(
    "raised", [KeyboardInterrupt(), EvidenceError("the reader's own"), InterruptedError(4, "again")]
)
def test_what_the_reader_raises_comes_out_and_it_is_not_asked_again(raised: BaseException, tmp_path: Path) -> None:
    asked = 0

    class Reader:
        def read(self, count: int) -> bytes:
            nonlocal asked
            asked += 1
            if asked < 3:
                return bytes(count)
            raise raised

    with pytest.raises((type(raised), CopyError)):
        seal_stream(Reader(), tmp_path / "out.age", [RECIPIENT])
    assert asked == 3
    assert os.listdir(tmp_path) == []


def test_the_end_of_a_decrypted_stream_is_seen_only_by_who_may_trust_it(sealed: Path, clip: Path) -> None:
    whole = sealed.read_bytes()
    with decrypting(ChunkReader([whole]), [IDENTITY]) as plain:
        assert b"".join(iter(lambda: plain.read(9999), b"")) == clip.read_bytes()
    for bad in (whole[:-1], whole[:-20] + bytes(20), whole[:5]):
        with pytest.raises(EvidenceError), decrypting(ChunkReader([bad]), [IDENTITY]) as plain:
            drain(plain)


def test_a_decrypted_stream_that_nobody_reads_to_its_end_is_given_up(tmp_path: Path) -> None:
    seal_stream(ChunkReader([bytes(BLOCK)] * 5), tmp_path / "long.age", [RECIPIENT])
    with decrypting(ChunkReader([(tmp_path / "long.age").read_bytes()]), [IDENTITY]) as plain:
        assert plain.read(10) == bytes(10)


def test_drafts_of_killed_runs_go_and_those_of_living_ones_stay(clip: Path, tmp_path: Path) -> None:
    dead = tmp_path / ".0123456789abcdef.privmask-draft"
    dead.write_bytes(b"left by a killed run")
    somebodys = tmp_path / ".0123456789abcdef.privmask-draft-of-mine"
    somebodys.write_bytes(b"")

    def chunks() -> Iterator[bytes]:
        (mine,) = set(hidden(tmp_path)) - {somebodys.name}
        seal(clip, tmp_path / "second.age", [RECIPIENT])  # starts while the first is being written
        assert mine in hidden(tmp_path)
        yield b"content"

    seal_stream(ChunkReader(chunks()), tmp_path / "first.age", [RECIPIENT])
    assert not dead.exists()
    assert hidden(tmp_path) == [somebodys.name]
    assert {"first.age", "second.age"} <= {*os.listdir(tmp_path)}


def test_the_public_half_of_a_key_file_with_comments_is_found() -> None:
    identity, public = new_identity()
    assert public_of(f"# created: today\n# public key: {public}\n{identity}\n") == public
    for nonsense in ("", "AGE-SECRET-KEY-1QQ", "# nothing\n"):
        with pytest.raises(PolicyError, match="no age identity"):
            public_of(nonsense)


def test_without_pyrage_it_says_what_to_install(clip: Path, tmp_path: Path) -> None:
    with mock.patch.dict(sys.modules, {"pyrage": None}), pytest.raises(CopyError, match="pip install 'pyrage"):
        seal(clip, tmp_path / "clip.age", [RECIPIENT])


def test_importing_the_vault_loads_no_pyrage() -> None:
    script = "import sys, privmask.register.vault; sys.exit('pyrage' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    assert subprocess.run([sys.executable, "-c", script], env=environment).returncode == 0


@given(st.lists(st.binary(min_size=1, max_size=50)), st.lists(st.integers(1, 70), min_size=1))
def test_chunks_are_read_in_any_steps_and_never_more_than_asked_for(chunks: list[bytes], steps: list[int]) -> None:
    reader, read = ChunkReader(chunks), b""
    for step in itertools.cycle(steps):
        piece = reader.read(step)
        assert len(piece) <= step
        read += piece
        if not piece:
            break
    assert read == b"".join(chunks)


def test_a_short_passphrase_locks_nothing() -> None:
    with pytest.raises(PolicyError, match="too short"):
        lock_identity(IDENTITY, "elevenchars")
