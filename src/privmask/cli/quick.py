"""`privmask hook PATH` as a recorder calls it: with the standard library alone, because the recorder waits for it."""

from __future__ import annotations

from collections.abc import Sequence


def hook(words: Sequence[str]) -> int | None:
    """Leave a note for each PATH, and give the exit code; None where the words are not plain enough for that."""
    queue, paths = None, list(words)
    if len(paths) > 1 and paths[0] == "--queue":
        queue, paths = paths[1], paths[2:]
    if not paths or any(path.startswith("-") or not path for path in paths):
        return None
    from privmask.recorders.delivery import deliver, queue_folder

    code = 0
    for path in paths:
        try:
            deliver(path, queue_folder(queue))
        except OSError as error:
            code = 6 if isinstance(error, FileNotFoundError | IsADirectoryError) else 7
            _say(path, error)
    return code


def _say(path: str, error: OSError) -> None:
    from privmask.cli.language import said
    from privmask.cli.words import say, shown_name
    from privmask.language import Text

    words = Text("privmask：{path} を知らせられません（{why}）", "privmask: {path} is not told of: {why}")
    say(said(words.with_(path=shown_name(path), why=error.strerror)))
