"""`privmask batch`: from words to many jobs, and from what came of them to one answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from privmask.cli import clock, options
from privmask.cli.batch_words import Jobs, JsonLines, Memory, Out, Report, Retries, Scheduler, Source, TimeLimit
from privmask.cli.grouping import grouped
from privmask.cli.groups import EachCopy
from privmask.cli.helping import in_japanese
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.batch import Engine, Job, Limits
    from privmask.evidence import Signer


@grouped
@in_japanese(
    "多くの原本の複写をまとめて作ります。\n\n"
    "SOURCE は、映像のフォルダー、1行に1つ名前を書いた一覧、又は CSV（見出しは clip と、必要なら plan、camera、copy、"
    "recorded_at）です。同じ原本・計画・指定の複写が既に正しく出来ていれば作り直さないので、途中で止まったら、同じ命令を"
    "もう一度始めてください。終了コードは、最も重いもの（重い順に 4、3、1、5、8、6、7、2）です。"
)
def batch(
    source: Source,
    *,
    out: Out = None,
    plan: options.PlanFile = None,
    camera: options.Camera = None,
    each: EachCopy,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    time_limit: TimeLimit = 1800,
    retries: Retries = 2,
    memory: Memory = None,
    report: Report = None,
    as_json: JsonLines = False,
) -> int:
    """Make the copies of many clips.

    SOURCE is a folder of clips, a list with a name a line, or a CSV with a heading: clip and, as wanted, plan, camera, copy,
    recorded_at. A copy that is there already, of the same original with the same plan and options, is not made again: what was
    broken off is just begun anew. It ends with the gravest code of its clips, in this order: 4, 3, 1, 5, 8, 6, 7, 2.
    """
    if scheduler and jobs:
        raise PlanError(_ONE_WAY)
    from privmask.batch import Limits, Wishes, prepare
    from privmask.batch.machine import share_of
    from privmask.batch.running import run_batch
    from privmask.cli.batch_telling import finish, reports_at, telling

    wishes = Wishes(partial(each.plan, source), plan, camera, each.options())
    with reports_at(report or []) as reports:
        found, skipped = prepare(source, out, wishes)
        signer = each.signed.signer()
        share = share_of(jobs, memory, len(found), on_cluster=scheduler is not None)
        work = _shared_out(found, share.threads, signer)
        limits = Limits(time_limit, retries, share.memory)
        with closing(_engine(scheduler, share.jobs, limits, signer)) as engine, telling(work, as_json=as_json) as told:
            summary = run_batch(work, engine, told, clock.now)
        return finish(summary, skipped, reports, as_json=as_json)


def _shared_out(jobs: Sequence[Job], threads: int, signer: Signer | None) -> list[Job]:
    """The jobs with so many threads each, to be signed by that key."""
    key_id = None if signer is None else signer.key_id
    return [replace(job, options=job.options.on(threads), key_id=key_id) for job in jobs]


def _engine(scheduler: str | None, at_once: int, limits: Limits, signer: Signer | None) -> Engine:
    if scheduler is None:
        from privmask.batch import Pool

        return Pool(at_once, limits, signer)
    from privmask.batch.cluster import Cluster

    return Cluster(scheduler, limits, signer)


_ONE_WAY = Text(
    "--jobs はこのコンピューターでの数です。--scheduler では作業者の数で決まります",
    "--jobs is about this machine; with --scheduler it is the number of workers that counts",
)
