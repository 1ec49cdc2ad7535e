"""What is said where the packages of the extra `detect` are missing."""

from __future__ import annotations

from privmask.errors import DetectorError
from privmask.language import Text


def packages_missing() -> DetectorError:
    """The error for an ImportError of ONNX Runtime, OpenCV or `onnx`; raise it `from` that."""
    return DetectorError(_MISSING)


_MISSING = Text(
    "顔やナンバープレートを探すパッケージがありません。入れるには：pip install 'privmask[detect]'",
    "the packages that look for faces and plates are missing; run: pip install 'privmask[detect]'",
)
