"""What is said where the packages of the extra `detect` are missing."""

from __future__ import annotations

from privmask.errors import DetectorError
from privmask.language import Text


def packages_missing(cause: ImportError) -> DetectorError:
    """The error for an ImportError of ONNX Runtime, OpenCV or `onnx`; raise it `from` that.

    Raises KeyboardInterrupt where it was one: libraries that are bound with pybind11 make an ImportError of what stops them.
    """
    if isinstance(cause.__cause__, KeyboardInterrupt):
        raise cause.__cause__
    return DetectorError(_MISSING)


_MISSING = Text(
    "顔やナンバープレートを探すパッケージがありません。入れるには：pip install 'privmask[detect]'",
    "the packages that look for faces and plates are missing; run: pip install 'privmask[detect]'",
)
