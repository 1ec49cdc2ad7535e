"""Which container a copy's name asks for."""

from __future__ import annotations

import os
from pathlib import PurePath

from privmask.errors import PlanError
from privmask.language import Text
from privmask.video.settings import Container

_BY_SUFFIX: dict[str, Container] = {
    ".mp4": "mp4",
    ".mkv": "matroska",
    ".ts": "mpegts",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
}


def container_of(copy: str | os.PathLike[str]) -> Container:
    """The container of a copy with this name; raises PlanError for a suffix that no copy has."""
    suffix = PurePath(copy).suffix.lower()
    if suffix not in _BY_SUFFIX:
        known = ", ".join(_BY_SUFFIX)
        raise PlanError(
            Text(
                f"複写を {suffix or '拡張子のないファイル'!r} にはできません。名前の終わりを {known} のどれかにしてください",
                f"a copy cannot be written as {suffix or 'a file without a suffix'!r}; name it with one of {known}",
            )
        )
    return _BY_SUFFIX[suffix]
