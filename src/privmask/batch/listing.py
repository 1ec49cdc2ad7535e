"""What is to be masked, as people say it: a folder of clips, a list of their names, or a table with a line for each.

A folder is walked whole, and its copies are to stand in folders of the same names. A list has one clip a line. A table is CSV
with a heading; its columns are `clip` and, as far as they are wanted, `plan`, `camera`, `copy` and `recorded_at`. Names in a
list or a table are taken from the folder in which it lies.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from privmask.errors import PlanError
from privmask.evidence.names import is_ours
from privmask.language import Text

STILLS = (".jpg", ".jpeg", ".png")
CLIPS = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".3gp"),
    *(".264", ".h264", ".265", ".h265", ".hevc", ".mjpg", ".mjpeg", ".y4m"),
)
COLUMNS = ("clip", "plan", "camera", "copy", "recorded_at")

_LARGEST = 16 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One copy that is asked for, in the words of who asked; `where` is the place of these words, "" in a folder."""

    clip: Path
    copy: Path | None = None
    plan: Path | None = None
    camera: str | None = None
    recorded_at: str | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All that is asked for; `within` is the folder of originals where one was named, `skipped` its files that are no clips."""

    entries: tuple[Entry, ...]
    within: Path | None = None
    skipped: tuple[str, ...] = ()


def read_listing(source: Path, out: Path | None) -> Listing:
    """What `source` asks for; `out` is where the copies go that have no name of their own.

    Raises PlanError with all that is wrong with it, such as a folder that cannot be read.
    """
    if source.is_dir():
        return _folder(source, _required(out, source))
    text = _text(source)
    lines = _table(source, text) if source.suffix.lower() == ".csv" else _list(source, text)
    entries = tuple(_named(line, out) for line in lines)
    if not entries:
        raise PlanError(_EMPTY_LIST.with_(name=repr(str(source))))
    return Listing(entries)


def copy_suffix(clip: Path) -> str:
    """The suffix of a copy of that clip: mkv and stills stay what they are, everything else becomes mp4."""
    suffix = clip.suffix.lower()
    return suffix if suffix in (".mkv", *STILLS) else ".mp4"


def _folder(source: Path, out: Path) -> Listing:
    unreadable: list[OSError] = []
    entries, skipped = [], []
    for folder, below, names in os.walk(source, onerror=unreadable.append):
        left = [name for name in below if name.startswith(".") or Path(folder, name).is_symlink()]
        skipped += [f"{Path(folder, name).relative_to(source)}/" for name in sorted(left)]
        below[:] = sorted(set(below) - set(left))
        for name in sorted(names):
            path = Path(folder, name)
            inside = path.relative_to(source)
            if path.suffix.lower() in (*CLIPS, *STILLS) and _is_plain(path):
                entries.append(Entry(path, out / inside.with_suffix(copy_suffix(path))))
            elif not is_ours(name):
                skipped.append(str(inside))
    if unreadable:
        raise PlanError(*(_CLOSED.with_(name=repr(each.filename), why=each.strerror) for each in unreadable))
    if not entries:
        raise PlanError(_EMPTY_FOLDER.with_(name=repr(str(source)), suffixes=" ".join((*CLIPS, *STILLS))))
    return Listing(tuple(entries), source, tuple(skipped))


def _is_plain(path: Path) -> bool:
    """A file itself: links are left out, and so is what hides."""
    return path.is_file() and not path.is_symlink() and not path.name.startswith(".")


def _list(source: Path, text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        name = line.strip(" \t\r")
        if name and not name.startswith("#"):
            yield Entry(source.parent / name, where=f"{source}:{number}")


def _table(source: Path, text: str) -> Iterator[Entry]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = [name.strip().lower() for name in next(rows, [])]
        _require_heading(source, heading)
        for row in rows:
            where = f"{source}:{rows.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(heading):
                raise PlanError(_TOO_MANY.with_(where=where, found=len(row), most=len(heading)))
            yield _row({name: cell.strip(" \t") for name, cell in zip(heading, row, strict=False)}, source.parent, where)
    except csv.Error as cause:
        raise PlanError(_NO_TABLE.with_(where=f"{source}:{rows.line_num}", why=cause)) from cause


def _require_heading(source: Path, heading: list[str]) -> None:
    unknown = [name for name in heading if name not in COLUMNS or heading.count(name) > 1]
    if "clip" not in heading or unknown:
        found = ", ".join(heading)[:200]
        raise PlanError(_HEADING.with_(name=repr(str(source)), known=", ".join(COLUMNS), found=repr(found)))


def _row(cells: dict[str, str], folder: Path, where: str) -> Entry:
    if not cells.get("clip"):
        raise PlanError(_NO_CLIP.with_(where=where))

    def path(name: str) -> Path | None:
        return folder / cells[name] if cells.get(name) else None

    clip = folder / cells["clip"]
    return Entry(clip, path("copy"), path("plan"), cells.get("camera") or None, cells.get("recorded_at") or None, where)


def _named(entry: Entry, out: Path | None) -> Entry:
    if entry.copy is not None:
        return entry
    place = _required(out, entry.clip, entry.where)
    copy = place / entry.clip.with_suffix(copy_suffix(entry.clip)).name
    return Entry(entry.clip, copy, entry.plan, entry.camera, entry.recorded_at, entry.where)


def _required(out: Path | None, clip: Path, where: str = "") -> Path:
    if out is None:
        raise PlanError(_NO_PLACE.with_(where=where + ": " if where else "", clip=repr(str(clip))))
    return out


def _text(source: Path) -> str:
    try:
        # Opened without waiting: a pipe would never answer.
        with open(source, "rb", opener=_without_waiting) as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise PlanError(_TOO_LARGE.with_(name=repr(str(source))))
        text = content.decode("utf-8-sig")
        if "\0" in text:
            raise PlanError(_UNREADABLE.with_(name=repr(str(source)), why="NUL"))
        return text
    except OSError as cause:
        raise PlanError(_UNREADABLE.with_(name=repr(str(source)), why=cause.strerror)) from cause
    except UnicodeDecodeError as cause:
        raise PlanError(_NO_UTF8.with_(name=repr(str(source)))) from cause


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


_CLOSED = Text("フォルダー {name} を読めません（{why}）", "the folder {name} cannot be read ({why})")
_EMPTY_FOLDER = Text(
    "{name} に映像がありません。映像とみなす名前の末尾：{suffixes}",
    "there is no clip in {name}; what counts as one by its name: {suffixes}",
)
_EMPTY_LIST = Text("{name} に映像の行がありません", "{name} names no clip")
_HEADING = Text(
    "{name} の見出しは {known} のうちから、clip を含めて書きます。今は {found}",
    "the heading of {name} has to be of {known}, with clip among them; found {found}",
)
_NO_TABLE = Text("{where}: CSV として読めません（{why}）", "{where}: is no CSV ({why})")
_TOO_MANY = Text("{where}: 欄が {found} あり、見出しは {most} です", "{where}: {found} cells under a heading of {most}")
_NO_CLIP = Text("{where}: clip が空です", "{where}: clip is empty")
_NO_PLACE = Text(
    "{where}{clip} の複写を置く所がありません。-o でフォルダーを指定してください",
    "{where}nobody says where the copy of {clip} goes; name a folder with -o",
)
_TOO_LARGE = Text("{name} が大きすぎます", "{name} is too large to be a list of clips")
_UNREADABLE = Text("{name} を読めません（{why}）", "{name} cannot be read ({why})")
_NO_UTF8 = Text(
    "{name} は UTF-8 ではありません。UTF-8 で保存し直してください（Excel では「CSV UTF-8（コンマ区切り）」）",
    "{name} is not in UTF-8; save it as that (in Excel: CSV UTF-8)",
)
