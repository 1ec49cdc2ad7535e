"""`privmask hook PATH` as a recorder calls it: with the standard library alone, because the recorder waits for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privmask.language import Text


def hook(words: Sequence[str]) -> int | None:
    """Leave a note for each PATH, and give the exit code; None where the words are not plain enough for that."""
    queue, paths = None, list(words)
    if len(paths) > 1 and paths[0] == "--queue":
        queue, paths = paths[1], paths[2:]
    if not paths or any(path.startswith("-") or not path for path in paths):
        return None
    from privmask.recorders.delivery import deliver, queue_folder

    code, place = 0, queue_folder(queue)
    for path in paths:
        try:
            deliver(path, place)
        except OSError as error:
            code = 6 if isinstance(error, FileNotFoundError | IsADirectoryError) else 7
            _say(path, place, error)
    return code


def not_told(path: str, queue: str, error: OSError) -> Text:
    """Why a segment is not told of: because of its file, or of the folder of the queue."""
    from privmask.cli.words import shown_name
    from privmask.language import Text

    of_file = isinstance(error, FileNotFoundError | IsADirectoryError) or error.filename == os.path.abspath(path)
    if of_file:
        words = Text("{path} を知らせられません（{why}）", "{path} is not told of: {why}")
    else:
        words = Text(
            "{path} を知らせられません（{queue}：{why}）。--queue で別のフォルダーを指定できます",
            "{path} is not told of: {queue}: {why}; --queue names another folder",
        )
    return words.with_(path=shown_name(path), queue=shown_name(queue), why=error.strerror)


def _say(path: str, queue: str, error: OSError) -> None:
    from privmask.cli.language import said
    from privmask.cli.words import say

    say(f"privmask: {said(not_told(path, queue, error))}")
