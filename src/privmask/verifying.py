"""The corridor of proof: a copy held against its statement, its bytes first and its pictures then.

Checks 1 to 9 and 15 are those of `privmask.evidence.verify`. What must hold besides the bytes:

10. the packets of each group of pictures are those that the statement names, and all of them are shown;
11. the container holds pictures and what was asked for, nothing else;
12. every zone is hidden on every frame, for the whole of its time, and so are the moving masks, where 13 holds;
13. the owner's private file that says where moving masks were is the one that the statement names;
14. with the original: the same frames at the same times, and nothing altered outside the masks.

Groups of pictures that are stated to have travelled as they are may have nothing to hide on any of their frames (12), and are
the original's packet by packet (14); neither of the two is decoded there.

A recipient has no file of tracks, because it tells where people were. Then of the zones only those of type Color are looked at:
how the others are painted depends on what is hidden near them. Where PyAV, numpy or numba is not installed, the bytes and the
signature are checked all the same, and the others say so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from privmask.evidence import TRACKS, Check, Examined, Trust, Verdict, examine_copy, unchecked
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.checking import Watch
    from privmask.copying import Progress

Paths = str | os.PathLike[str]

_OF_PICTURES = range(10, 15)


def verify_copy(
    copy: Paths,
    *,
    original: Paths | None = None,
    tracks: Paths | None = None,
    allowed_signers: Paths | None = None,
    revoked: Paths | None = None,
    signer: str | None = None,
    at: datetime | None = None,
    accept_unsigned: bool = False,
    bytes_only: bool = False,
    progress: Callable[[Progress], None] | None = None,
    watch: Watch | None = None,
) -> Verdict:
    """Check a copy against the statement beside it, and against its original where that is given.

    Whatever is wrong is a line of the verdict, a missing file as well. `allowed_signers` and `revoked` are files as of OpenSSH;
    left out, those in this user's own folder of keys are taken, if there are any. `signer` is the name that must have signed.
    `at` is the moment at which the key must have been valid (a naive one is local time); left out, it is the statement's own
    clock. An unsigned statement breaks the verdict unless `accept_unsigned`: who wrote it is not known. `tracks` is the owner's
    private file of where moving masks were; left out, the one beside the copy is taken if there is one. `bytes_only` asks for
    nothing that takes PyAV, numpy or numba. `watch` is told of each frame after it was looked at.
    """
    trust = Trust(allowed_signers, revoked, signer, at, accept_unsigned)
    with examine_copy(copy, original=original, trust=trust) as examined:
        own = tracks if tracks is not None else _beside(copy)
        look = _unlooked(_BYTES_ONLY) if bytes_only else _looked(examined, original, own, progress, watch)
        pictures = list(look)
        checks = [_with_place(check, pictures[0]) for check in examined.checks]
        return Verdict((*checks, *pictures, examined.still()), examined.statement, examined.record)


def _beside(copy: Paths) -> Paths | None:
    path = os.fspath(copy) + TRACKS
    return path if os.path.lexists(path) else None


def _unlooked(words: Text, *, asked: bool = False) -> Iterator[Check]:
    return (unchecked(number, words, asked=asked) for number in _OF_PICTURES)


def _looked(
    examined: Examined,
    original: Paths | None,
    tracks: Paths | None,
    progress: Callable[[Progress], None] | None,
    watch: Watch | None,
) -> Iterator[Check]:
    if examined.statement is None:
        return _unlooked(_NO_STATEMENT, asked=True)
    if not examined.readable:
        return _unlooked(_UNREAD, asked=True)
    try:
        from privmask.pictures import Pictures
    except ImportError as cause:
        missing = (cause.name or "").split(".")[0]
        if missing == __package__:
            raise
        return _unlooked(_PACKAGE.with_(missing=missing or cause), asked=True)
    pictures = Pictures(examined, examined.statement, original, tracks)
    if watch is not None:
        pictures.watch = watch
    if progress is not None:
        pictures.told = progress
    return pictures.checks()


def _with_place(check: Check, packets: Check) -> Check:
    """Check 5, when it fails, with what check 10 tells of the place."""
    if check.number != 5 or check.outcome != "FAIL" or packets.outcome == "NOT CHECKED":
        return check
    place = packets.words if packets.outcome == "FAIL" else _WRAPPED
    return replace(check, words=_PLACED.with_(found=check.words, place=place))


_BYTES_ONLY = Text("バイト列だけを確かめるよう求められました", "only the bytes were asked for")
_NO_STATEMENT = Text("照らし合わせる来歴がありません", "there is no statement to hold it against")
_UNREAD = Text("複写を読めません", "the copy cannot be read")
_PACKAGE = Text(
    "PyAV、numpy、numba が必要で、ここには {missing} がありません：pip install privmask",
    "it needs PyAV, numpy and numba, and {missing} is missing here: pip install privmask",
)
_WRAPPED = Text(
    "容器だけが書き直されています：映像のパケットはすべて来歴どおりですが、時刻・ヘッダー・音声は違うかもしれません",
    "only the container was rewritten: all packets of pictures are as stated; times, headers or sound may not be",
)
_PLACED = Text("{found}。{place}", "{found}: {place}")
