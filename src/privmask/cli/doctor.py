"""`privmask doctor`: what this machine gives privmask, and what it lacks."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.words import answer, shown_name
from privmask.errors import CopyError, DetectorError, EvidenceError

LIBRARIES = ("av", "bcrypt", "cryptography", "numba", "numpy", "pillow", "rfc8785", "rich", "typer")
DETECTION_LIBRARIES = ("onnx", "onnxruntime", "opencv-python-headless")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether privmask can work with what was found."""

    name: str
    well: bool
    found: str


@in_japanese("ソフトウェアの版や、使える符号化方式などを調べます。必要なものがなければ1で終わります。")
def doctor(
    folder: Annotated[
        Path,
        typer.Option(
            "--folder",
            metavar="DIR",
            help=both("複写を書くフォルダー。", "Where copies will be written."),
            file_okay=False,
        ),
    ] = Path(),
    as_json: options.Json = False,
) -> int:
    """Say which versions, encoders and file system services there are. Ends with 1 when something needed is missing."""
    findings = [*_versions(), *_encoders(), _kernels(), *_detection(), _key(), *_folder(folder)]
    well = all(finding.well for finding in findings)
    data = {
        "well": well,
        "findings": [{"name": f.name, "well": f.well, "found": f.found} for f in findings],
        "exit_code": 0 if well else 1,
    }
    text = "\n".join(f"{'ok ' if f.well else 'BAD'}  {f.name:<22} {f.found}" for f in findings)
    answer(data, text, as_json=as_json)
    return 0 if well else 1


def _versions() -> Iterator[Finding]:
    yield Finding("privmask", True, version("privmask"))
    yield Finding("Python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for library in LIBRARIES:
        try:
            yield Finding(library, True, version(library))
        except PackageNotFoundError:
            yield Finding(library, False, "not installed")


def _encoders() -> Iterator[Finding]:
    from privmask.video import known_encoders

    for codec, encoder in known_encoders().items():
        yield Finding(f"encoder for {codec}", encoder is not None, encoder or "not in this build of FFmpeg")


def _kernels() -> Finding:
    """Kernels that cannot be kept cost seconds at each start, not correctness."""
    from privmask.masks import kernels

    folder = getattr(kernels.fill_spans, "folder", None)
    said = f"kept in {shown_name(folder)}" if folder else "compiled at each start; name a writable NUMBA_CACHE_DIR"
    return Finding("compiled kernels", True, said)


def _detection() -> Iterator[Finding]:
    """What faces and plates need; without it zones are hidden as ever, so that only a wrong model is bad."""
    from privmask.detect import known_models, state_of

    for library in DETECTION_LIBRARIES:
        try:
            yield Finding(library, True, version(library))
        except PackageNotFoundError:
            yield Finding(library, True, "not installed; needed for faces and plates: pip install 'privmask[detect]'")
    for model in known_models():
        try:
            state = state_of(model)
        except DetectorError as error:
            yield Finding(f"model {model.name}", True, str(error))
        else:
            yield Finding(f"model {model.name}", state != "wrong", _STATES[state])


_STATES = {
    "installed": "installed",
    "missing": "not installed; run: privmask models install",
    "wrong": "not the file it should be; run: privmask models install",
}


def _key() -> Finding:
    """What copies are signed with if no other key is named."""
    from privmask.evidence.keyring import default_folder, default_key, own_keys
    from privmask.evidence.keys import public_half, read_key

    name = "key that signs"
    try:
        path = default_key()
        if path is None:
            return Finding(name, True, "none; run: privmask keys new")
        public = public_half(read_key(path))
        revoked = [key.revoked for key in own_keys(default_folder()) if key.public == public]
    except (EvidenceError, CopyError) as error:
        return Finding(name, False, str(error))
    if any(revoked):
        return Finding(name, False, f"{public.key_id} is revoked; run: privmask keys rotate")
    return Finding(name, True, f"{public.key_id} in {shown_name(path)}")


def _folder(folder: Path) -> Iterator[Finding]:
    yield _tried("folder for copies", folder, _make_named, "cannot be written")
    yield _tried("drafts without a name", folder, _make_nameless, "not here; hidden draft files instead", needed=False)
    yield _tried("hard links", folder, _make_link, "not here; another way of publishing instead", needed=False)


def _tried(name: str, folder: Path, attempt: Callable[[Path], None], otherwise: str, *, needed: bool = True) -> Finding:
    try:
        attempt(folder)
    except OSError as error:
        return Finding(name, not needed, f"{otherwise} ({error.strerror})")
    return Finding(name, True, f"yes, in {shown_name(folder.resolve())}")


def _make_named(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".privmask-doctor-"):
        pass


def _make_nameless(folder: Path) -> None:
    os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _make_link(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".privmask-doctor-") as made:
        (Path(made) / "a").touch()
        (Path(made) / "b").hardlink_to(Path(made) / "a")
