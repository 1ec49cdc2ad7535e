"""A watch at work: what it needs is looked at before it begins, and what it tells goes to people, files and programs."""

from __future__ import annotations

import contextlib
import os
import signal
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from privmask.cli import options, watch_words
from privmask.cli.finished import Finished
from privmask.cli.groups import EachCopy
from privmask.cli.language import said
from privmask.cli.watch_telling import telling
from privmask.cli.words import note, say, shown_name
from privmask.errors import FootageError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.evidence import Signer
    from privmask.masks import MaskPlan
    from privmask.recorders.intake import Wanted
    from privmask.recorders.ledger import Ledger
    from privmask.recorders.watch import Worker

GRACE = 20.0
"""Seconds for what is at work when the watch is asked to stop; systemd's own patience is longer."""

_LOST = 4
"""New attempts after a worker died; one clip that breaks each of five is put aside."""

_LONGEST_STANDSTILL = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The words of `privmask watch`."""

    folder: watch_words.Folder
    out: watch_words.Out
    plan: options.PlanFile = None
    camera: options.Camera = None
    pattern: watch_words.PatternWord = None
    time_zone: watch_words.TimeZone = None
    recorder: watch_words.RecorderName = "auto"
    poll: watch_words.Poll = False
    still: watch_words.Still = None
    queue: watch_words.Queue = None
    jobs: watch_words.Jobs = None
    max_lag: watch_words.MaxLag = 3600
    metrics: watch_words.MetricsAt = None
    status_file: watch_words.StatusFile = None
    once: watch_words.Once = False
    again: watch_words.Again = False
    each: EachCopy

    def require_one_recorder(self) -> None:
        """PlanError where --poll and --recorder say different things."""
        if self.poll and self.recorder not in ("auto", "poll"):
            raise PlanError(_TWO_RECORDERS)

    @property
    def chosen(self) -> str:
        """The recorder that --recorder or --poll names."""
        return "poll" if self.poll else self.recorder


Made = Callable[["Ledger"], "Worker"]


def run_watch(asked: Asked) -> int:
    """Watch with the processes of a batch, until it is asked to stop."""
    from privmask.batch import Limits, Pool
    from privmask.batch.machine import share_of

    require_folders(asked)
    zone = zone_of(asked.time_zone)
    share = share_of(asked.jobs, None, 1024)
    shared = asked.each.options().on(share.threads)
    plan_of = plan_by_camera(asked)
    signer = asked.each.signed.signer()
    from privmask.recorders.intake import Wanted
    from privmask.recorders.names import pattern_of

    wanted = Wanted(
        os.path.realpath(asked.folder),
        os.path.realpath(asked.out),
        plan_of,
        pattern_of(asked.pattern),
        shared,
        asked.camera,
        zone,
        None if signer is None else signer.key_id,
        asked.again,
    )
    with closing(Pool(share.jobs, Limits(_LONGEST_STANDSTILL, _LOST, share.memory), signer)) as pool:
        return watch_with(asked, wanted, lambda _: pool, share.jobs, signer)


def watch_with(asked: Asked, wanted: Wanted, worker_of: Made, at_once: int, signer: Signer | None) -> int:
    """Watch with these workers. 0 when it was asked to stop; with --once 6 where something was put aside."""
    from privmask.recorders.choosing import Choice, polls, recorders_of
    from privmask.recorders.delivery import queue_folder
    from privmask.recorders.feed import Feed
    from privmask.recorders.ledger import Ledger
    from privmask.recorders.manager import Manager
    from privmask.recorders.watch import Watcher

    queue = queue_folder(None if asked.queue is None else str(asked.queue))
    manager = Manager(os.environ)
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(Ledger(wanted.copies, wanted.folder)))
        worker = worker_of(ledger)
        listened = recorders_of(Choice(asked.chosen, queue, asked.still, asked.once), wanted.folder, wanted.copies)
        feed = stack.enter_context(closing(Feed(listened)))
        stop = stack.enter_context(_stopping())
        teller = stack.enter_context(telling(wanted.copies, asked.status_file, asked.metrics, manager))
        watcher = Watcher(
            wanted,
            ledger,
            worker,
            feed,
            at_once=at_once,
            signer=signer,
            told=lambda text: say(said(text)),
            beat=teller.beat,
            largest_lag=asked.max_lag,
            grace=GRACE,
        )
        teller.serve(watcher.status)
        if asked.chosen == "auto" and not asked.once and polls(listened):
            note(said(_POLLED))
        say(said(_WATCHING.with_(folder=shown_name(wanted.folder), done=watcher.status.done)))
        manager.tell("READY=1")
        watcher.run(stop.asked)
        manager.tell("STOPPING=1")
        teller.end(watcher.status)
    aside = watcher.status.counts["quarantined"] + watcher.status.counts["vanished"]
    if asked.once and not stop.number:
        return Finished(FootageError.exit_code if aside else 0)
    return Finished(130 if stop.number == signal.SIGINT else 0)


def require_folders(asked: Asked) -> None:
    """PlanError unless originals and copies have folders of their own that do not take in each other's files."""
    if not asked.folder.is_dir():
        raise PlanError(_NO_FOLDER.with_(folder=shown_name(asked.folder)))
    folder, out = os.path.realpath(asked.folder), os.path.realpath(asked.out)
    if folder == out or folder.startswith(os.path.join(out, "")):
        raise PlanError(_AMONG.with_(out=shown_name(asked.out), folder=shown_name(asked.folder)))
    if os.path.lexists(out) and not os.path.isdir(out):
        raise PlanError(_NO_FOLDER.with_(folder=shown_name(asked.out)))


def zone_of(word: str | None) -> ZoneInfo | None:
    """The time zone of that name; PlanError for none."""
    try:
        return None if word is None else ZoneInfo(word)
    except (ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise PlanError(_NO_ZONE.with_(zone=repr(word))) from cause


def plan_by_camera(asked: Asked) -> Callable[[str | None], MaskPlan]:
    """The plan of each camera. What is wrong with the file is told now; and that a detector is missing, too."""

    def plan_of(camera: str | None) -> MaskPlan:
        return asked.each.plan(asked.folder, asked.plan, camera)

    cameras = _cameras(asked.plan) if asked.plan and asked.pattern and asked.camera is None else []
    for camera in cameras if len(cameras) > 1 else [asked.camera]:
        _require_detector(plan_of(camera), asked)
    return plan_of if asked.plan is not None else lambda _: plan_of(None)


def _cameras(plan: Path) -> list[str]:
    """The cameras that a plan file names; what is wrong with it is told by whoever reads it as a plan."""
    try:
        data = tomllib.loads(plan.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    tables = [data, *(each for name in ("mask", "dynamic", "keep") for each in _tables(data.get(name)))]
    return sorted({str(each["camera"]) for each in tables if each.get("camera")})


def _tables(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _require_detector(plan: MaskPlan, asked: Asked) -> None:
    if not plan.labels:
        return
    from privmask.frame import Picture
    from privmask.geometry import Size
    from privmask.video.formats import layout_of
    from privmask.watching import Looking, Watch

    Watch(plan, Picture(Size(1280, 720), layout_of("yuv420p").format), Looking(two_pass=asked.each.two_pass), "fail")


class _Stop:
    """Whether the watch was asked to stop, and by which signal; a second one is not waited for."""

    number = 0

    def asked(self) -> bool:
        return bool(self.number)

    def ask(self, number: int, _frame: Any) -> None:
        if self.number:
            raise KeyboardInterrupt(f"signal {number}")
        self.number = number


@contextlib.contextmanager
def _stopping() -> Iterator[_Stop]:
    stop = _Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_WATCHING = Text("{folder} を見ています（済み {done}）", "watching {folder}; {done} done")
_POLLED = Text(
    "大きさと更新日時が変わらなくなれば書き終わったとみなします（ネットワーク上のフォルダーか、inotify-simple がないため）",
    "files are finished when size and time stand still: this is a network file system, or inotify-simple is not installed",
)
_NO_FOLDER = Text("{folder} はフォルダーではありません", "{folder} is no folder")
_AMONG = Text(
    "複写のフォルダー {out} が、原本のフォルダー {folder} を含みます。別のものを --out で指定してください",
    "the folder of copies {out} is, or holds, that of the originals {folder}; name another one with --out",
)
_NO_ZONE = Text("--time-zone {zone} という時間帯はありません", "--time-zone {zone}: there is no such zone")
_TWO_RECORDERS = Text("--poll と --recorder は一方だけ指定してください", "say either --poll or --recorder, not both")
