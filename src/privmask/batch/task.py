"""What a worker of a Dask cluster does for a batch: one task is one job, in a process beside the worker.

The process serves one clip of the batch after the other and ends with it. What is to be told goes to the batch's own queue,
from which whoever began it reads; a flag of the same name says that the batch is over.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Any

from privmask.batch.jobs import Answer, Ask, Job, Limits, Outcome, Refusal, Told
from privmask.batch.messages import to_bytes
from privmask.batch.pool import Pool
from privmask.batch.signing import AskingSigner

_TOLD_EVERY = 0.5
_SIGNED_WITHIN = 600
_LEFT_WITHIN = 5.0

_idle: dict[str, list[Pool]] = {}
_at_work: Counter[str] = Counter()
_changing = threading.Condition()


def look(paths: list[str]) -> tuple[str, list[str]]:
    """The version of privmask here, and the paths that are not to be seen from here."""
    return metadata.version("privmask"), [path for path in paths if not os.path.exists(path)]


def work(job: Job, limits: Limits, name: str) -> Outcome:
    """One task: the job in a process beside this worker, its events told to whoever began the batch."""
    from distributed import Event as Flag
    from distributed import Queue

    heard, stop, told = Queue(name), Flag(f"{name}-stop"), time.monotonic()
    with _own(name, limits) as pool:
        pool.signer = None if job.key_id is None else AskingSigner(job.key_id, lambda ask: _ask(ask, job, heard))
        for event in pool.run([job], stop.is_set):
            if isinstance(event, Outcome):
                return event
            if not isinstance(event, Told) or time.monotonic() - told > _TOLD_EVERY:
                told = time.monotonic()
                what = event.progress if isinstance(event, Told) else event
                heard.put((job.number, to_bytes(what), ""))
    return Outcome(job.number, "left")


@contextmanager
def _own(name: str, limits: Limits) -> Iterator[Pool]:
    """A pool of one process for this batch that nobody else uses now; it serves one clip after the other."""
    with _changing:
        forgotten = [pool for other in _idle.keys() - {name} for pool in _idle.pop(other)]  # who began those is gone
        _at_work[name] += 1
        pool = _idle[name].pop() if _idle.get(name) else Pool(1, limits, None)
    for each in forgotten:
        each.close()
    try:
        yield pool
    finally:
        with _changing:
            _at_work[name] -= 1
            _idle.setdefault(name, []).append(pool)
            _changing.notify_all()


def _ask(ask: Ask, job: Job, heard: Any) -> Answer:
    from distributed import Queue

    back = f"privmask-answer-{uuid.uuid4().hex}"
    answers = Queue(back)
    heard.put((job.number, to_bytes(ask), back))
    try:
        answer = answers.get(timeout=_SIGNED_WITHIN)
    except TimeoutError:
        return Refusal("whoever began the batch did not sign")
    finally:
        answers.close()
    return answer if isinstance(answer, bytes) else Refusal(str(answer))


async def leave(name: str) -> None:
    """End the processes of the batch once its tasks have noticed that it is over."""
    await asyncio.to_thread(_end_idle, name)


def _end_idle(name: str) -> None:
    with _changing:
        _changing.wait_for(lambda: not _at_work[name], _LEFT_WITHIN)
        pools = _idle.pop(name, [])
    for pool in pools:
        pool.close()
