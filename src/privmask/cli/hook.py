"""`privmask hook` and `privmask segments`: telling a watch of finished segments."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.cli.helping import in_japanese
from privmask.cli.language import said
from privmask.cli.watch_words import Queue, SegmentFolder, Segments
from privmask.cli.words import say, shown_name
from privmask.errors import CopyError, FootageError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.recorders.listing import SegmentListRecorder

_PATIENCE = 3600.0
_LONGEST_PAUSE = 10.0


@in_japanese(
    "録画装置から呼び、書き終わった映像を privmask watch に知らせます。\n\n"
    "知らせを残すだけで、すぐに終わります。motion なら on_movie_end、MediaMTX なら runOnRecordSegmentComplete に書きます。"
    "同じものを何度知らせても、複写は1つです。"
)
def hook(paths: Segments, queue: Queue = None) -> int:
    """Tell privmask watch of finished segments; for the hooks of recorders.

    It leaves a note and ends at once. For on_movie_end of motion, runOnRecordSegmentComplete of MediaMTX and the like. However
    often a segment is told of, it has one copy.
    """
    from privmask.cli.quick import not_told
    from privmask.recorders.delivery import deliver, queue_folder

    place = queue_folder(None if queue is None else str(queue))
    for path in paths:
        try:
            deliver(str(path), place)
        except (FileNotFoundError, IsADirectoryError) as cause:
            raise FootageError(not_told(str(path), place, cause)) from cause
        except OSError as cause:
            raise CopyError(not_told(str(path), place, cause)) from cause
    return 0


@in_japanese(
    "ffmpeg の -segment_list pipe:1 -segment_list_type csv の出力を標準入力から読み、閉じられた映像を privmask watch に"
    "知らせます。\n\nffmpeg が終わるまで続けます。分からない行があれば知らせて読み続け、終了コードは6になります。"
)
def segments(folder: SegmentFolder = Path("."), queue: Queue = None) -> int:
    """Tell privmask watch of the segments that ffmpeg lists on standard input.

    For -segment_list pipe:1 -segment_list_type csv: a line comes when a file is closed. It goes on until ffmpeg ends; a line
    that names nothing is told and passed over, so that ffmpeg is never held up, and the exit code is then 6.
    """
    from privmask.recorders.delivery import queue_folder
    from privmask.recorders.listing import SegmentListRecorder

    listed, code = SegmentListRecorder(str(folder.absolute()), 0), 0
    place = queue_folder(None if queue is None else str(queue))
    while not listed.ended:
        for segment in listed.finished(_PATIENCE):
            code = code if _told(segment.path, place) else 6
        code = _strange(listed) or code
    return code


def _told(path: str, queue: str) -> bool:
    """Whether the note stands; a full disk is waited for, because nothing else would tell of this segment."""
    from privmask.recorders.delivery import deliver

    pause = 0.5
    while True:
        try:
            deliver(path, queue)
        except (FileNotFoundError, IsADirectoryError) as error:
            say(f"privmask: {said(_NOT_TOLD.with_(path=shown_name(path), why=error.strerror))}")
            return False
        except OSError as error:
            say(f"privmask: {said(_NOT_TOLD_YET.with_(path=shown_name(path), why=error.strerror))}")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return True


def _strange(listed: SegmentListRecorder) -> int:
    if not listed.strange:
        return 0
    say(f"privmask: {said(_STRANGE)}")
    listed.strange = 0
    return 6


_NOT_TOLD = Text("{path} を知らせられません（{why}）", "{path} is not told of: {why}")
_NOT_TOLD_YET = Text(
    "{path} をまだ知らせられません（{why}）。続けて試みます", "{path} is not told of yet: {why}; trying on"
)
_STRANGE = Text(
    "分からない行がありました（ファイル名,始まり,終わり の csv ではありません）",
    "a line names no segment (it is not CSV of name,start,end)",
)
