"""What people read: names that cannot fool a terminal, and answers as text or as one JSON object."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from os import PathLike, fspath
from typing import TextIO
from unicodedata import east_asian_width

from privmask.cli.language import said
from privmask.language import Text


def shown(text: str) -> str:
    r"""`text` with everything a terminal would act on written as an escape: "a\nb" is shown as a\x0ab.

    Letters of every script stay as they are, and so does the wide space of Japanese; bytes that are no UTF-8 (as Python keeps
    them in file names) become \xff.
    """
    return "".join(letter if letter.isprintable() or letter == "\u3000" else _escape(letter) for letter in text)


def shown_name(path: str | PathLike[str]) -> str:
    """A file's name as it is shown to people: escaped, and in quotes."""
    name = shown(fspath(path))
    return f'"{name}"' if "'" in name else f"'{name}'"


def _escape(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def say(text: str) -> None:
    """One message to a person, on standard error; lines of the message stay lines, and fit the terminal if it is one."""
    for line in text.split("\n"):
        print(*_fitting(shown(line), sys.stderr), sep="\n", file=sys.stderr)


def _fitting(line: str, stream: TextIO) -> list[str]:
    columns = shutil.get_terminal_size().columns
    if not stream.isatty() or columns_of(line) <= columns:
        return [line]
    found = _HEAD.match(line)
    head = found[0] if found else ""
    first, *others = wrapped(line[len(head) :], columns - len(head))
    return [head + first, *(" " * len(head) + each for each in others)]


def note(text: str | Text) -> None:
    """Something that was done all right, and that a person should know of."""
    say(said(_NOTE.with_(text=text)))


def answer(data: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """What was asked for, on standard output: `data` as one JSON object, or `text`.

    Japanese sentences are cut to fit a terminal; a line without Japanese, such as that of a key, is left to be copied.
    """
    lines = [json.dumps(data, indent=2)] if as_json else [_encodable(each) for each in _lines_of(text)]
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:  # the reader has seen enough, as `head` has; the exit code stays what it is
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lines_of(text: str) -> Iterator[str]:
    for line in map(shown, text.split("\n")):
        yield from [line] if line.isascii() else _fitting(line, sys.stdout)


def _encodable(line: str) -> str:
    """`line` without letters that standard output cannot write (a terminal in the C locale and a Japanese token)."""
    encoding = sys.stdout.encoding or "ascii"
    return line.encode(encoding, "backslashreplace").decode(encoding)


def columns_of(text: str) -> int:
    """How many columns of a terminal `text` takes; a Japanese letter takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def row(head: str, text: str) -> str:
    """One line of a summary: what it is about, and what is said of it."""
    return f"{head}{' ' * (11 - columns_of(head))}{text}"


def wrapped(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`, cut at spaces and between Japanese letters.

    No line begins with what closes a sentence or a bracket, and none ends with what opens one; a longer word stays whole.
    """
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if columns_of(line + piece.rstrip()) > columns and line.strip():
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


_NOTE = Text("注意：{text}", "note: {text}")
_HEAD = re.compile(r" +(?:\d+  )?")  # what the lines that a line is cut into stand under
_OPENING, _CLOSING = "（「『【", "、。，：！）」』】・ー\uff0e\uff1b\uff1fぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_PIECES = re.compile(rf"\s+|[{_OPENING}]*(?:[^\s\u2e80-\u9fff\uff00-\uffef]+|\S)[{_CLOSING}]*")
