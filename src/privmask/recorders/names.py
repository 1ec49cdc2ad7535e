"""What the name of a segment tells: which camera, and when its first picture was taken.

A pattern is the path below the watched folder without its suffix: `%Y %m %d %H %M %S` (and `%y`, `%f` for parts of a second,
`%s` for seconds since 1970), `%v` for a number, `*` for anything but a slash, `{camera}`, and letters for themselves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from privmask.errors import PlanError
from privmask.language import Text

# In words of its patterns, what each recorder calls its files; the first that fits counts.
# Motion: https://motion-project.github.io/motion_config.html (movie_filename, picture_filename).
# Frigate: recordings/ and clips/ of its media folder, https://docs.frigate.video/configuration/record (times in UTC).
# MediaMTX: recordPath of mediamtx.yml.
# ZoneMinder: events/MONITOR/DATE/EVENT, or below DATE the old deep scheme, https://zoneminder.readthedocs.io.
READY: dict[str, tuple[str, ...]] = {
    "motion": (
        *("{camera}/%v-%Y%m%d%H%M%S*", "{camera}/%Y%m%d%H%M%S*", "{camera}-%v-%Y%m%d%H%M%S*"),
        *("%v-%Y%m%d%H%M%S*", "%Y%m%d%H%M%S*", "{camera}/%Y%m%d-timelapse", "%Y%m%d-timelapse"),
    ),
    "ffmpeg": (
        *("{camera}{sep}%Y-%m-%d{gap}%H-%M-%S*", "{camera}{sep}%Y%m%d{gap}%H%M%S*", "{camera}{sep}%s"),
        *("%Y-%m-%d{gap}%H-%M-%S*", "%Y%m%d{gap}%H%M%S*", "%s"),
    ),
    "frigate": (
        *("*recordings/%Y-%m-%d/%H/{camera}/%M.%S", "%Y-%m-%d/%H/{camera}/%M.%S"),
        *("*clips/{camera}-%s-*", "{camera}-%s-*"),
    ),
    "mediamtx": (
        *("{camera}/%Y-%m-%d_%H-%M-%S-%f", "{camera}/%Y-%m-%d_%H-%M-%S"),
        *("%Y-%m-%d_%H-%M-%S-%f", "%Y-%m-%d_%H-%M-%S"),
    ),
    "zoneminder": (
        *("{camera}/%y/%m/%d/%H/%M/%S/*", "*events/{camera}/%Y-%m-%d/*/*", "{camera}/%Y-%m-%d/*/*"),
        "{camera}/*/*",
    ),
}
AUTO = ("frigate", "mediamtx", "motion", "ffmpeg")

_PARTS = {
    "%Y": r"(?P<year>\d{4})",
    "%y": r"(?P<short>\d{2})",
    "%m": r"(?P<month>\d{2})",
    "%d": r"(?P<day>\d{2})",
    "%H": r"(?P<hour>\d{2})",
    "%M": r"(?P<minute>\d{2})",
    "%S": r"(?P<second>\d{2})",
    "%f": r"(?P<parts>\d{1,9})",
    "%s": r"(?P<epoch>\d{9,11}(?:\.\d+)?)",
    "%v": r"\d+",
    "%%": "%",
    "*": r"[^/]*",
    "{camera}": r"(?P<camera>.+)",
    "{sep}": r"[-_/.]",
    "{gap}": r"[-_T ./]?",
}
_TOKEN = re.compile(r"%.|\*|\{\w*\}|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Told:
    """What a name tells; None for what it does not. `time` has a zone where the name holds seconds since 1970."""

    camera: str | None = None
    time: datetime | None = None


class Pattern:
    """Patterns, tried one after the other. `sure` says that a person chose them, so that the camera may choose the zones."""

    def __init__(self, patterns: Sequence[str], *, sure: bool) -> None:
        self.sure = sure
        self._tried = [_compiled(each) for each in patterns]

    def told_by(self, path: str, folder: str) -> Told:
        """What the name of the file `path` below `folder` tells."""
        inside = os.path.splitext(os.path.relpath(path, folder))[0]
        for pattern in self._tried:
            found = pattern.fullmatch(inside)
            if found:
                camera = found.groupdict().get("camera")
                return Told(camera, _moment(found.groupdict()))
        return Told()


def pattern_of(word: str | None) -> Pattern:
    """The pattern that a word means: the name of a recorder, or a pattern itself; without one, all that are known are tried.

    Raises PlanError for a pattern that tells neither camera nor time, or is not understood.
    """
    if word is None:
        return Pattern([each for name in AUTO for each in READY[name]], sure=False)
    if word in READY:
        return Pattern(READY[word], sure=True)
    if "%" not in word and "{camera}" not in word:
        raise PlanError(_TELLS_NOTHING.with_(word=repr(word), known=", ".join(READY)))
    return Pattern([_without_suffix(word)], sure=True)


def moment_of(time: datetime, zone: tzinfo | None) -> datetime | None:
    """A time that names gave, in `zone` (None: this machine's); None where it came twice or never."""
    if time.tzinfo is not None:
        return time
    first, second = time.replace(tzinfo=zone, fold=0), time.replace(tzinfo=zone, fold=1)
    first, second = (first, second) if zone else (first.astimezone(), second.astimezone())
    return first if first.utcoffset() == second.utcoffset() else None


def _without_suffix(word: str) -> str:
    head, end = os.path.splitext(word)
    return head if re.fullmatch(r"\.[A-Za-z]\w{1,4}", end) else word


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile("".join(_pieces(pattern)))
    except re.error as cause:
        raise PlanError(_TWICE.with_(word=repr(pattern))) from cause


def _pieces(pattern: str) -> Iterator[str]:
    known: set[str] = set()
    for token in _TOKEN.findall(pattern):
        if len(token) > 1 and token not in _PARTS:
            raise PlanError(_STRANGE.with_(word=repr(pattern), token=token))
        piece = _PARTS.get(token, re.escape(token))
        name = re.match(r"\(\?P<(\w+)>", piece)
        if name and name[1] in known:
            piece = f"(?P={name[1]})"  # said again: it has to be the same again
        elif name:
            known.add(name[1])
        yield piece


def _moment(parts: dict[str, str | None]) -> datetime | None:
    """The time of its parts; those that are missing at the end are 0, and None is given for what is no time."""
    if parts.get("epoch"):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(parts["epoch"] or 0))
    year = parts.get("year") or (f"20{parts['short']}" if parts.get("short") else None)
    if year is None:
        return None
    number: Callable[[str, int], int] = lambda name, missing: int(parts.get(name) or missing)  # noqa: E731
    fraction = (parts.get("parts") or "0").ljust(6, "0")[:6]
    try:
        day = (int(year), number("month", 1), number("day", 1))
        return datetime(*day, number("hour", 0), number("minute", 0), number("second", 0), int(fraction))
    except ValueError:
        return None


_TELLS_NOTHING = Text(
    "--pattern {word} からはカメラも時刻も分かりません。{known} か、{{camera}}/%Y%m%d-%H%M%S のように書いてください",
    "--pattern {word} tells neither camera nor time; write one of {known}, or such as {{camera}}/%Y%m%d-%H%M%S",
)
_STRANGE = Text("--pattern {word} の {token} は分かりません", "--pattern {word}: {token} is not known")
_TWICE = Text("--pattern {word} は分かりません", "--pattern {word} is not understood")
