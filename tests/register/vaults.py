"""Vaults for the tests, with files whose bytes are easy to find again, and work that kills itself.

As a program (`python -m tests.register.vaults TASK FOLDER`) it does the task in folder/1, folder/2, ... and kills it each
time one system call later than the last, until it comes to its end.
"""

from __future__ import annotations

import os
import signal
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from privmask.register import vault_key
from privmask.register.sealing import Sealed
from privmask.register.vault import Held, Vault, create_vault, open_vault
from privmask.register.vault_age import public_of

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
ID = "0123456789abcdef" * 2
WORDS = "correct horse battery staple"
PLANTED = b"Yamada Taro, 2-3-4 Minami"
COPY = PLANTED + bytes(range(256)) * 1000 + PLANTED
FILES = {
    "門.mp4": COPY,
    "門.mp4.provenance.json": b'{"planted": "' + PLANTED + b'"}',
    "門.mp4.SHA256SUMS": b"",
    "門.mp4.private-tracks.jsonl": PLANTED * 3,
}
OWNERS = "門.mp4.private-tracks.jsonl"

IDENTITY = "AGE-SECRET-KEY-1EGVVYVD83JVAT2WYMTTDCKD52ULTYD29E55U9EG0KQ4K5MUA0GPSCC9EZV"  # of the tests only
RECIPIENT = public_of(IDENTITY)


def write_files(folder: Path) -> dict[str, Path]:
    """The copy and its companions in a folder of their own, by their names."""
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in FILES}


def put(vault: Vault, files: dict[str, Path], id: str | None = None) -> Held:
    """Put the files: the first is the copy, the last stays with the owner."""
    (name, path), *rest = files.items()
    companions = {name: path for name, path in rest if name != OWNERS}
    return vault.put(path, name, NOON, companions=companions, private={OWNERS: files[OWNERS]}, id=id)


def content(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def hidden(folder: Path) -> list[str]:
    """Names in the folder that begin with a dot."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def prepare(place: Path, *, full: bool) -> None:
    """A folder for one kill: the files, and a vault, which holds them if it is to be full."""
    files = write_files(place / "files")
    vault = create_vault(place / "vault", NOON)
    if full:
        put(vault, files, ID)


def putting(place: Path) -> object:
    return put(open_vault(place / "vault"), {name: place / "files" / name for name in FILES}, ID)


def taking(place: Path) -> object:
    return open_vault(place / "vault").take(ID, place / "taken")


def handing(place: Path) -> Sealed:
    return open_vault(place / "vault").hand_over(ID, place / "handed.age", [RECIPIENT])


def erasing(place: Path) -> object:
    return open_vault(place / "vault").erase(ID)


def retiring(place: Path) -> object:
    vault = open_vault(place / "vault")
    vault.erase(ID)
    return vault.retire()


def creating(place: Path) -> object:
    return create_vault(place / "another", NOON)


def locking(place: Path) -> None:
    """With a lock that takes no time."""
    vars(vault_key).update(lock_identity=quickly_locked, unlock_identity=quickly_unlocked)
    open_vault(place / "vault").lock(WORDS)


def quickly_locked(text: str, passphrase: str) -> bytes:
    """Stands for `lock_identity`, which takes a second."""
    return b"age-encryption.org/v1\n" + b64encode(f"{passphrase}\n{text}".encode())


def quickly_unlocked(locked: bytes, passphrase: str) -> str:
    """Stands for `unlock_identity`."""
    words, _, text = b64decode(locked.split(b"\n")[1]).decode().partition("\n")
    assert words == passphrase
    return text


TASKS: dict[str, Callable[[Path], object]] = {
    "putting": putting,
    "taking": taking,
    "handing": handing,
    "erasing": erasing,
    "retiring": retiring,
    "creating": creating,
    "locking": locking,
}


def die_at(step: int) -> None:
    """SIGKILL this process before or after a system call made for the register room: at the `step`-th of all these points."""
    seen = 0

    def watch(frame: FrameType, event: str, function: object) -> None:
        nonlocal seen
        file = frame.f_code.co_filename
        if not ("/register/" in file or file.endswith("shutil.py")):
            return
        is_system = event in ("c_call", "c_return") and getattr(function, "__module__", "") in ("posix", "fcntl", "io")
        if is_system or (event == "return" and frame.f_code.co_name == "_renameat2"):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def killed_everywhere(folder: Path, name: str) -> None:
    step, end = 0, -signal.SIGKILL
    while end == -signal.SIGKILL:
        step += 1
        place = folder / f"{step:04}"
        place.mkdir()
        prepare(place, full=name != "putting")
        child = os.fork()
        if not child:
            try:
                die_at(step)
                TASKS[name](place)
                os._exit(0)
            finally:
                os._exit(1)
        end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if end:
        raise SystemExit(f"the task that was not killed ended with {end}")


if __name__ == "__main__":
    killed_everywhere(Path(sys.argv[2]), sys.argv[1])
