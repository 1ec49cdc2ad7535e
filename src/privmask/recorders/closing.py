"""A folder whose kernel tells when a file was closed by its writer or moved in: inotify, and a look through it now and then.

A look at the start finds what came while nobody watched, and later ones what the kernel could not tell (its list of events ran
over, a folder was filled before it was watched). Close events also come when a recorder dies; what it left does not
parse then, and goes to quarantine.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from privmask.errors import FootageError, PlanError
from privmask.language import Text
from privmask.recorders.polling import GONE, PollingRecorder, is_being_written, is_clip, is_watched_folder
from privmask.recorders.recorder import Segment

if TYPE_CHECKING:
    from inotify_simple import INotify

_RESCAN_EVERY = 300.0


class ClosingRecorder:
    """The files below `folder` as they are closed or moved in. Raises PlanError where inotify cannot be had."""

    def __init__(
        self,
        folder: str,
        *,
        left_out: str | None = None,
        still: float = 5.0,
        every: float = _RESCAN_EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._left_out = folder, left_out
        self._flags, self._inotify = _opened()
        self._watched: dict[int, str] = {}
        self._net = PollingRecorder(
            folder, left_out=left_out, still=still, every=every, clock=clock, sleep=lambda _: None
        )
        self._follow(folder)

    @property
    def unfinished(self) -> int:
        """How many files were still being written at the last look."""
        return self._net.unfinished

    def finished(self, seconds: float) -> Sequence[Segment]:
        """Those that were closed or moved in; FootageError when the watched folder itself is gone."""
        found = dict.fromkeys(each.path for each in self._net.finished(0))
        wait = 0 if found else round(seconds * 1000)
        for event in self._inotify.read(timeout=wait):
            found.update(dict.fromkeys(self._told(event)))
        return [Segment(path) for path in found]

    def close(self) -> None:
        """End the watching."""
        self._inotify.close()

    def _told(self, event: Any) -> Sequence[str]:
        flags, mask = self._flags, event.mask
        if mask & flags.Q_OVERFLOW:
            self._net.again()
            return ()
        folder = self._watched.get(event.wd)
        if folder is None:
            return ()
        if mask & flags.IGNORED:
            del self._watched[event.wd]
        if mask & (flags.DELETE_SELF | flags.MOVE_SELF | flags.UNMOUNT) and folder == self._folder:
            raise FootageError(GONE.with_(folder=repr(folder)))
        path = os.path.join(folder, event.name)
        if mask & flags.ISDIR:
            self._folder_told(path, mask)
            return ()
        closed = mask & (flags.CLOSE_WRITE | flags.MOVED_TO) and is_clip(event.name)
        return [path] if closed and not is_being_written(path) else ()

    def _folder_told(self, path: str, mask: int) -> None:
        if mask & self._flags.MOVED_FROM:
            self._forget(path)
        elif mask & (self._flags.CREATE | self._flags.MOVED_TO):
            self._follow(path)
            self._net.again()  # it may have been filled before it was watched

    def _follow(self, folder: str) -> None:
        """Watch a folder and those in it; first the folder, so that nothing comes in between unseen."""
        if folder != self._folder and not is_watched_folder(folder, self._left_out):
            return
        flags = self._flags
        kinds = (flags.CLOSE_WRITE, flags.MOVED_TO, flags.MOVED_FROM, flags.CREATE, flags.DELETE_SELF, flags.MOVE_SELF)
        try:
            number = self._inotify.add_watch(folder, sum((flags.ONLYDIR, flags.DONT_FOLLOW, *kinds)))
            self._watched[number] = folder
            below = [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
        except OSError as cause:
            if cause.errno in (errno.ENOSPC, errno.ENOMEM):
                raise PlanError(_TOO_MANY) from cause
            if folder == self._folder:
                raise PlanError(_CLOSED.with_(folder=repr(folder), why=cause.strerror)) from cause
            return  # it is gone again, or closed to us
        for each in sorted(below):
            self._follow(each)

    def _forget(self, path: str) -> None:
        """A folder was moved away: what happens in it is no longer ours."""
        for number, folder in list(self._watched.items()):
            if folder == path or folder.startswith(path + os.sep):
                del self._watched[number]
                self._inotify.rm_watch(number)


def _opened() -> tuple[Any, INotify]:
    try:
        from inotify_simple import INotify, flags
    except ImportError as cause:
        raise PlanError(_NOT_INSTALLED) from cause
    try:
        return flags, INotify()
    except OSError as cause:
        raise PlanError(_NONE.with_(why=cause.strerror)) from cause


_NOT_INSTALLED = Text(
    "ファイルが閉じられたことを知るには inotify-simple が要ります： pip install 'privmask[recorders]'。"
    "又は --poll を指定してください",
    "to be told of closed files takes inotify-simple: pip install 'privmask[recorders]'; or say --poll",
)
_NONE = Text("inotify を使えません（{why}）。--poll を指定してください", "there is no inotify here ({why}); say --poll")
_TOO_MANY = Text(
    "監視するフォルダーが inotify の上限を超えました。fs.inotify.max_user_watches を増やすか、--poll を指定してください",
    "more folders than inotify may watch; raise fs.inotify.max_user_watches, or say --poll",
)
_CLOSED = Text("フォルダー {folder} を監視できません（{why}）", "the folder {folder} cannot be watched ({why})")
