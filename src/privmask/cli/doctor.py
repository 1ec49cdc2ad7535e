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
from privmask.cli.language import said
from privmask.cli.words import answer, columns_of, shown_name
from privmask.errors import CopyError, DetectorError, EvidenceError
from privmask.failures import in_both
from privmask.language import Text

LIBRARIES = ("av", "bcrypt", "cryptography", "numba", "numpy", "pillow", "rfc8785", "rich", "typer")
DETECTION_LIBRARIES = ("onnx", "onnxruntime", "opencv-python-headless")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether privmask can work with what was found."""

    name: str | Text
    well: bool
    found: str | Text


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
        "findings": [{"name": str(f.name), "well": f.well, "found": str(f.found)} for f in findings],
        "exit_code": 0 if well else 1,
    }
    answer(data, "\n".join(map(_line, findings)), as_json=as_json)
    return 0 if well else 1


def _line(finding: Finding) -> str:
    mark, name, found = (said(_WELL if finding.well else _BAD), _words(finding.name), _words(finding.found))
    return f"{mark}{' ' * (5 - columns_of(mark))}{name}{' ' * max(1, 23 - columns_of(name))}{found}"


def _words(text: str | Text) -> str:
    return said(text) if isinstance(text, Text) else text


def _versions() -> Iterator[Finding]:
    yield Finding("privmask", True, version("privmask"))
    yield Finding("Python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for library in LIBRARIES:
        try:
            yield Finding(library, True, version(library))
        except PackageNotFoundError:
            yield Finding(library, False, _NOT_INSTALLED)


def _encoders() -> Iterator[Finding]:
    from privmask.video import known_encoders

    for codec, encoder in known_encoders().items():
        yield Finding(_ENCODER.with_(codec=codec), encoder is not None, encoder or _NO_ENCODER)


def _kernels() -> Finding:
    """Kernels that cannot be kept cost seconds at each start, not correctness."""
    from privmask.masks import kernels

    folder = getattr(kernels.fill_spans, "folder", None)
    return Finding(_KERNELS, True, _KEPT.with_(folder=shown_name(folder)) if folder else _COMPILED)


def _detection() -> Iterator[Finding]:
    """What faces and plates need; without it zones are hidden as ever, so that only a wrong model is bad."""
    from privmask.detect import known_models, state_of

    for library in DETECTION_LIBRARIES:
        try:
            yield Finding(library, True, version(library))
        except PackageNotFoundError:
            yield Finding(library, True, _FOR_FACES)
    for model in known_models():
        try:
            state = state_of(model)
        except DetectorError as error:
            yield Finding(_MODEL.with_(name=model.name), True, in_both(error))
        else:
            yield Finding(_MODEL.with_(name=model.name), state != "wrong", _STATES[state])


_STATES = {
    "installed": Text("入っています", "installed"),
    "missing": Text(
        "入っていません。取り寄せるには：privmask models install", "not installed; run: privmask models install"
    ),
    "wrong": Text(
        "正しいファイルではありません。取り替えるには：privmask models install",
        "not the file it should be; run: privmask models install",
    ),
}


def _key() -> Finding:
    """What copies are signed with if no other key is named."""
    from privmask.evidence.keyring import default_folder, default_key, own_keys
    from privmask.evidence.keys import public_half, read_key

    try:
        path = default_key()
        if path is None:
            return Finding(_SIGNING_KEY, True, _NO_KEY)
        public = public_half(read_key(path))
        revoked = [key.revoked for key in own_keys(default_folder()) if key.public == public]
    except (EvidenceError, CopyError) as error:
        return Finding(_SIGNING_KEY, False, in_both(error))
    if any(revoked):
        return Finding(_SIGNING_KEY, False, _REVOKED.with_(key=public.key_id))
    return Finding(_SIGNING_KEY, True, _KEY_IN.with_(key=public.key_id, path=shown_name(path)))


def _folder(folder: Path) -> Iterator[Finding]:
    yield _tried(_FOR_COPIES, folder, _make_named, _NOT_WRITABLE)
    yield _tried(_NAMELESS, folder, _make_nameless, _HIDDEN_INSTEAD, needed=False)
    yield _tried(_LINKS, folder, _make_link, _ANOTHER_WAY, needed=False)


def _tried(
    name: Text, folder: Path, attempt: Callable[[Path], None], otherwise: Text, *, needed: bool = True
) -> Finding:
    try:
        attempt(folder)
    except OSError as error:
        return Finding(name, not needed, _WHY.with_(otherwise=otherwise, why=error.strerror))
    return Finding(name, True, _YES_IN.with_(folder=shown_name(folder.resolve())))


def _make_named(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".privmask-doctor-"):
        pass


def _make_nameless(folder: Path) -> None:
    os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _make_link(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".privmask-doctor-") as made:
        (Path(made) / "a").touch()
        (Path(made) / "b").hardlink_to(Path(made) / "a")


_WELL, _BAD = Text("可", "ok"), Text("不備", "BAD")
_NOT_INSTALLED = Text("入っていません", "not installed")
_ENCODER = Text("{codec} の符号器", "encoder for {codec}")
_NO_ENCODER = Text("この FFmpeg にはありません", "not in this build of FFmpeg")
_KERNELS = Text("コンパイル済みの部品", "compiled kernels")
_KEPT = Text("{folder} に保存", "kept in {folder}")
_COMPILED = Text(
    "始めるたびにコンパイルします。NUMBA_CACHE_DIR で書き込めるフォルダーを指定してください",
    "compiled at each start; name a writable NUMBA_CACHE_DIR",
)
_FOR_FACES = Text(
    "入っていません。顔やナンバープレートを探すのに要ります：pip install 'privmask[detect]'",
    "not installed; needed for faces and plates: pip install 'privmask[detect]'",
)
_MODEL = Text("モデル {name}", "model {name}")
_SIGNING_KEY = Text("署名する鍵", "key that signs")
_NO_KEY = Text("ありません。作るには：privmask keys new", "none; run: privmask keys new")
_REVOKED = Text(
    "{key} は失効しています。替えるには：privmask keys rotate", "{key} is revoked; run: privmask keys rotate"
)
_KEY_IN = Text("{path} の {key}", "{key} in {path}")
_FOR_COPIES, _NOT_WRITABLE = Text("複写のフォルダー", "folder for copies"), Text("書き込めません", "cannot be written")
_NAMELESS = Text("名前のない下書き", "drafts without a name")
_HIDDEN_INSTEAD = Text("使えません。隠しファイルで代えます", "not here; hidden draft files instead")
_LINKS = Text("ハードリンク", "hard links")
_ANOTHER_WAY = Text("使えません。ほかの方法で複写を置きます", "not here; another way of publishing instead")
_WHY = Text("{otherwise}（{why}）", "{otherwise} ({why})")
_YES_IN = Text("使えます（{folder}）", "yes, in {folder}")
