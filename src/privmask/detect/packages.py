"""What is said where the packages of the extra `detect` are missing."""

from __future__ import annotations

from privmask.errors import DetectorError


def packages_missing() -> DetectorError:
    """The error for an ImportError of ONNX Runtime, OpenCV or `onnx`; raise it `from` that."""
    return DetectorError("the packages that look for faces and plates are missing; run: pip install 'privmask[detect]'")
