"""A whole job in miniature, for the tests of custody: the "copy" is the original's bytes, each turned over.

As a program (`python -m tests.evidence.small WAY FOLDER`) it runs jobs in child processes, which kill themselves or race.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

from privmask.errors import CopyExistsError
from privmask.evidence import (
    Encoded,
    FileRecord,
    OriginalRecord,
    Published,
    draft_copy,
    keep_custody,
    state,
    verify_bytes,
)
from privmask.evidence.files import record_of
from privmask.evidence.hidden import Naming
from privmask.evidence.notes import note_bytes
from privmask.evidence.signers import Signer, signed_by
from privmask.evidence.sshsig import PublicKey, write_signature
from privmask.evidence.sweep import Journal

FOOTAGE = bytes(range(256)) * 97
MASKED = bytes(255 - byte for byte in FOOTAGE)
TRACKS = b'{"format":"privmask.tracks.v1"}\n'
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class KnownKey:
    """A signer whose key everybody knows; another `number` is another key."""

    def __init__(self, number: int = 0) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        self.bare = private.sign
        self.public = PublicKey(private.public_key().public_bytes_raw())
        self.key_id = self.public.key_id

    def sign(self, message: bytes) -> bytes:
        return write_signature(message, self.public, self.bare)


KEY = KnownKey()


def statement_of(original: OriginalRecord, copy: FileRecord, **other: Any) -> bytes:
    """A statement with made-up contents; `other` replaces parts of it."""
    parts: dict[str, Any] = {
        "stream_sha256": "5" * 64,
        "gops": [{"start": Fraction(0), "packets": 25, "sha256": "6" * 64}],
        "plan": {
            "format": "privmask.plan.v1",
            "mask": [{"token": "gate", "polygon": [["0", "0"], ["1/2", "0"], ["0", "1/3"]]}],
        },
        "masks": [{"token": "gate", "type": "Color", "shown": [[Fraction(0), None]]}],
        "reading": {"stream": 0, "damaged": "fail", "recorded_at": None, "whole": []},
        "frames_in": 25,
        "frames_out": 25,
        "time_base": Fraction(1, 12800),
        "timestamps_exact": True,
        "streams": [{"index": 0, "kind": "video", "codec": "h264", "what": "64x48", "done": "masked"}],
        "encoder": {"name": "libx264", "crf": "18"},
        "self_check": None,
        "tool": {"privmask": "0.1.0", "python": "3.11.2"},
        "clock": NOON,
    }
    given = {**parts, **other}
    encoded = Encoded(**{each.name: given.pop(each.name) for each in fields(Encoded) if each.name in given})
    return state(original=original, copy=copy, encoded=encoded, **given)


def job(
    original: Path,
    copy: Path | str,
    at: Callable[[str], object] = lambda _moment: None,
    signer: Signer | None = KEY,
) -> Published:
    """Mask `original` into `copy`; `at` is called with the name of each moment at which a test may interfere."""
    with keep_custody(original) as custody, draft_copy(copy, original=custody) as written:
        at("held")
        with custody.open() as source, open(written.path, "wb") as sink:
            sink.write(source.read(1000).translate(bytes(reversed(range(256)))))
            at("half-way")
            sink.write(source.read().translate(bytes(reversed(range(256)))))
        at("written")
        statement = statement_of(custody.recheck(), written.record(), signer=signer and signer.key_id)
        signature = None if signer is None else signed_by(signer, statement)
        at("stated")
        return written.publish(statement, signature=signature, note=note_bytes(statement), tracks=TRACKS)


def whole(copy: Path, original: Path) -> bool:
    """Whether copy, companions and original pass every check of their bytes; who the signer is, nobody has told."""
    return {c.outcome for c in verify_bytes(copy, original=original) if c.name != "signer"} == {"PASS"}


def next_start(original: Path, copy: Path) -> bool:
    """The start of a later run for the same copy, which clears what a killed one left; whether the copy was already there."""
    with keep_custody(original) as custody:
        try:
            with draft_copy(copy, original=custody):
                return False
        except CopyExistsError:
            return True


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def companions(copy: str) -> set[str]:
    ends = ("provenance.json", "provenance.json.sig", "SHA256SUMS", "how-to-check.txt", "private-tracks.jsonl")
    return {f"{copy}.{end}" for end in ends}


@contextlib.contextmanager
def file_system_of(naming: Naming) -> Iterator[None]:
    """Pretend that the copy's file system can give names in this way at best."""
    with mock.patch("privmask.evidence.draft.naming_in", return_value=naming):
        yield


def die_at(step: int) -> None:
    """SIGKILL this process before or after a system call of the evidence room: at the `step`-th of all these points.

    Of renameat2, which Python does not have, the return of our own function tells.
    """
    seen = 0

    def watch(frame: FrameType, event: str, function: object) -> None:
        nonlocal seen
        is_system = event in ("c_call", "c_return") and getattr(function, "__module__", "") in ("posix", "fcntl")
        is_rename = event == "return" and frame.f_code.co_name == "_rename_no_replace"
        if "/evidence/" in frame.f_code.co_filename and (is_system or is_rename):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def in_child(work: Callable[[], object]) -> int:
    """Start `work` in a child process, which ends with 0, 7 (CopyExistsError) or 1; its process id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except CopyExistsError:
        code = 7
    finally:
        os._exit(code)


def end_of(child: int) -> int:
    """How the child ended: its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def publishing(original: Path, copy: Path) -> None:
    """A job that runs to its end."""
    job(original, copy)


def losing(original: Path, copy: Path) -> None:
    """A job whose copy's name is taken by somebody at the last moment, so that it has to take back what it gave names to."""
    job(original, copy, lambda moment: copy.write_text("somebody's") if moment == "stated" else None)


def failing(original: Path, copy: Path) -> None:
    """A job whose disk breaks when the copy already has its name, so that it has to take back that one too."""
    really = os.fsync

    def breaks_at_last(descriptor: int) -> None:
        if copy.exists():
            raise OSError(errno.EIO, "Input/output error")
        really(descriptor)

    with mock.patch("os.fsync", breaks_at_last):
        job(original, copy)


def starting(original: Path, copy: Path) -> None:
    """The start of a job in a folder where `leave_behind` was."""
    next_start(original, copy)


def leave_behind(copy: Path) -> None:
    """What kills leave: companions without their copy, the journal that names them, and a draft."""
    found = [record_of(name, name.encode()) for name in sorted(companions(copy.name))]
    for each in found:
        copy.with_name(each.name).write_text(each.name)
    journal = Journal(record_of(copy.name, MASKED), tuple(found))
    copy.with_name(f".{copy.name}.privmask-publishing").write_bytes(journal.to_bytes())
    copy.with_name(f".{copy.name}.privmask-draft-0123abcd").write_bytes(MASKED[:1000])


def killed_everywhere(naming: Naming, folder: Path, task: Callable[[Path, Path], None]) -> None:
    """Run the task in folder/1, folder/2, ... and kill each one step later than the last, until one comes to its end."""
    step, end = 0, -signal.SIGKILL
    KEY.sign(b"")  # what it loads is loaded once, and not in each child
    while end == -signal.SIGKILL:
        step += 1
        place = folder / str(step)
        place.mkdir()
        (place / "clip.mp4").write_bytes(FOOTAGE)
        os.utime(place / "clip.mp4", ns=(1, 1))
        if task is starting:
            leave_behind(place / "copy.mp4")

        def work(place: Path = place, step: int = step) -> None:
            with file_system_of(naming):
                die_at(step)
                task(place / "clip.mp4", place / "copy.mp4")

        end = end_of(in_child(work))
    if end != (7 if task is losing else 1 if task is failing else 0):
        raise SystemExit(f"the job that was not killed ended with {end}")


def raced(naming: Naming, folder: Path) -> None:
    """Run two jobs for one copy in each of folder/1, folder/2, ...; they publish at the same moment. Prints how each ended."""
    for place in sorted(folder.iterdir()):
        gate, opener = os.pipe()

        def work(place: Path = place, gate: int = gate, opener: int = opener) -> None:
            def wait_at_the_gate(moment: str) -> None:
                if moment == "stated":
                    os.close(opener)
                    os.read(gate, 1)

            with file_system_of(naming):
                job(place / "clip.mp4", place / "copy.mp4", wait_at_the_gate)

        children = [in_child(work), in_child(work)]
        os.close(opener)  # the last end of the pipe closes when both children have come this far
        os.close(gate)
        print(place.name, *sorted(map(end_of, children)), flush=True)


if __name__ == "__main__":
    way, chosen, where = sys.argv[1:]
    if way == "race":
        raced(Naming(chosen), Path(where))
    else:
        tasks = {"publishing": publishing, "losing": losing, "failing": failing, "starting": starting}
        killed_everywhere(Naming(chosen), Path(where), tasks[way])
