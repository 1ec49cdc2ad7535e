"""Which recorders a watch listens to: the kernel's or a poll, hooks besides, or another's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from privmask.errors import PlanError
from privmask.language import Text
from privmask.recorders.closing import ClosingRecorder
from privmask.recorders.listing import HookRecorder
from privmask.recorders.polling import PollingRecorder
from privmask.recorders.recorder import Recorder, foreign_recorder

STILL_HERE, STILL_FAR = 5.0, 70.0
"""Seconds: attributes of files on other machines are kept for up to a minute (nfs(5): acregmax), and seen as late."""

_POLLED_EVERY = 2.0
_FAR = ("nfs", "cifs", "smb", "ncp", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse", "ocfs2", "gfs2", "beegfs")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which recorders are asked for: `name` is auto, inotify, poll, hook or that of an installed package.

    `still` is for how long a file has to stand still where nobody tells that it was closed; None: as its file system asks for.
    With `once` they end when they have named what is there.
    """

    name: str
    queue: str
    still: float | None = None
    once: bool = False


def recorders_of(choice: Choice, folder: str, copies: str) -> list[Recorder]:
    """Them; raises PlanError for one that cannot be had."""
    far = is_far(folder)
    still = choice.still if choice.still is not None else STILL_FAR if far else STILL_HERE
    if os.path.isdir(choice.queue) and not os.access(choice.queue, os.R_OK | os.W_OK | os.X_OK):
        raise PlanError(_CLOSED_QUEUE.with_(queue=repr(choice.queue)))
    hooks = HookRecorder(folder, choice.queue, once=choice.once)
    told = not far and find_spec("inotify_simple") is not None
    name = ("inotify" if told else "poll") if choice.name == "auto" else choice.name
    if name == "hook":
        return [hooks]
    if name not in ("inotify", "poll"):
        return [hooks, _made(name, folder)]
    if choice.once:
        return [hooks, PollingRecorder(folder, left_out=copies, still=still, every=still, looks=2)]
    if name == "poll":
        return [hooks, PollingRecorder(folder, left_out=copies, still=still, every=_POLLED_EVERY)]
    return [hooks, ClosingRecorder(folder, left_out=copies, still=still)]


def polls(recorders: Sequence[Recorder]) -> bool:
    """Whether a folder is looked through again and again, because nobody tells of what happens in it."""
    return any(isinstance(each, PollingRecorder) for each in recorders)


def is_far(folder: str) -> bool:
    """Whether other machines may write there, of which this one's kernel is not told."""
    try:
        with open("/proc/self/mountinfo") as lines:
            mounts = [_mount(line) for line in lines]
    except OSError:
        return False
    real = os.path.realpath(folder)
    within = [(place, kind) for place, kind in mounts if real == place or real.startswith(place.rstrip("/") + "/")]
    return bool(within) and max(within, key=lambda mount: len(mount[0]))[1].startswith(_FAR)


def _mount(line: str) -> tuple[str, str]:
    """Where a line of mountinfo mounts, and which kind of file system."""
    head, _, tail = line.partition(" - ")
    place = head.split()[4].encode().decode("unicode_escape")
    return place, tail.split()[0]


def _made(name: str, folder: str) -> Recorder:
    making = foreign_recorder(name)
    recorder = making(folder)
    if not (callable(getattr(recorder, "finished", None)) and callable(getattr(recorder, "close", None))):
        raise PlanError(_NO_RECORDER.with_(name=repr(name)))
    return recorder


_NO_RECORDER = Text(
    "--recorder {name} は記録装置の約束（finished と close）を守っていません",
    "--recorder {name} gives no recorder: it has no finished and close",
)
_CLOSED_QUEUE = Text(
    "知らせのフォルダー {queue} を読み書きできません。watch と hook の両方が書けるフォルダーを --queue で指定してください",
    "the folder {queue} of notes is closed to this user; name one with --queue that both watch and hook may write into",
)
