"""Jobs on a Dask cluster: each task masks one clip, in a process of its own as on one machine, so that a clip harms no worker.

All workers see the same files under the same names. Dask moves the jobs and begins them anew when a worker is gone; what is
done is known by the statements beside the copies, so that no answer of Dask's has to be believed. The key that signs stays
here: a worker asks for each signature. Dask knows no passwords: unless it is run with TLS (its own settings), whoever reaches
the scheduler can do on the workers what the workers can.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from importlib import metadata
from typing import TYPE_CHECKING, Any

from privmask.batch.jobs import Ask, Began, Event, Job, Limits, Outcome, Refusal, Told
from privmask.batch.messages import from_bytes
from privmask.batch.signing import answer_to
from privmask.batch.task import leave, look, work
from privmask.copying import Progress
from privmask.errors import CopyError, PlanError
from privmask.evidence import Signer
from privmask.language import Text

if TYPE_CHECKING:
    from distributed import Client, Future

_PATIENCE = 30.0
"""Seconds for the scheduler to answer, and for the first worker to be there."""

_TICK = "0.3s"
_LEFT_WITHIN = 3.0
_FAULT = 1


class Cluster:
    """The workers of the scheduler at `address`, such as tcp://10.0.0.5:8786, or tls:// with Dask's own settings for that.

    Raises PlanError where `distributed` is not installed, nobody answers, or there is no worker.
    """

    def __init__(self, address: str, limits: Limits, signer: Signer | None, patience: float = _PATIENCE) -> None:
        self._limits, self._signer = limits, signer
        self._client = _connected(address, patience)

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """What happens to the jobs, one `Outcome` for each; closing it ends the workers' work.

        Raises PlanError where a worker has another version of privmask, or does not see the originals, and CopyError where the
        scheduler goes away before any job is begun.
        """
        try:
            yield from self._run(jobs)
        except OSError as cause:
            raise CopyError(_SCHEDULER_GONE) from cause

    def _run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        from distributed import Event as Flag
        from distributed import Queue

        client, name = self._client, f"privmask-{uuid.uuid4().hex}"
        _require_alike(client, jobs)
        by_number = {job.number: job for job in jobs}
        with ExitStack() as stack:
            heard, stop = Queue(name, client=client), Flag(f"{name}-stop", client=client)
            stack.callback(self._tidy, client.run, leave, name)
            futures = {
                client.submit(work, job, self._limits, name, key=f"{name}-{job.number}", pure=False): job
                for job in jobs
            }
            stack.callback(self._tidy, client.cancel, list(futures))
            stack.callback(self._tidy, stop.set)
            while futures:
                yield from self._listen(heard, by_number)
                for future in [each for each in futures if each.status != "pending"]:
                    yield _outcome(future, futures.pop(future))
                if client.status != "running":
                    yield from (_lost(job) for job in futures.values())
                    return

    def close(self) -> None:
        """Leave the cluster; its workers stay."""
        _quietly(self._client.close, _LEFT_WITHIN)

    def _tidy(self, do: Any, *words: Any) -> None:
        """As `_quietly`, but nobody is waited for where the scheduler is gone; its workers end by themselves."""
        if self._client.status == "running":
            _quietly(do, *words)

    def _listen(self, heard: Any, jobs: dict[int, Job]) -> Generator[Event, None, None]:
        """What the tasks have to say just now; their questions are answered."""
        from distributed import Queue

        try:
            said = [heard.get(timeout=_TICK), *heard.get(batch=True)]
        except (TimeoutError, OSError):
            return
        for number, text, back in said:
            match from_bytes(text):
                case Ask() as ask:
                    answer = answer_to(ask, jobs[number], self._signer)
                    Queue(back, client=self._client).put(answer.why if isinstance(answer, Refusal) else answer)
                case Progress() as progress:
                    yield Told(number, progress)
                case Began() as began:
                    yield began


def _connected(address: str, patience: float) -> Client:
    try:
        from distributed import Client
    except ImportError as cause:
        raise PlanError(_NOT_INSTALLED) from cause
    for name in ("distributed", "distributed.client", "distributed.core", "distributed.utils"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what it has to say comes as an error as well
    try:
        client = Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as cause:
        raise PlanError(_NO_ANSWER.with_(address=repr(address), why=str(cause)[:200])) from cause
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as cause:
        _quietly(client.close)
        raise PlanError(_NO_WORKER.with_(address=repr(address))) from cause
    return client


def _require_alike(client: Client, jobs: Sequence[Job]) -> None:
    """Raise PlanError unless every worker has this version and sees the originals and the folders of the copies."""
    paths = sorted({path for job in jobs for path in (job.original, os.path.dirname(job.copy))})
    ours = metadata.version("privmask")
    for worker, (version, missing) in client.run(look, paths).items():
        if version != ours:
            raise PlanError(_VERSION.with_(worker=worker, found=version, ours=ours))
        if missing:
            raise PlanError(_UNSEEN.with_(worker=worker, path=repr(missing[0]), count=len(missing)))


def _outcome(future: Future, job: Job) -> Outcome:
    if future.status == "finished":
        found = future.result()
        if isinstance(found, Outcome) and found.number == job.number:
            return found
    if future.status == "error":
        error = future.exception()
        died = type(error).__name__ == "KilledWorker"
        text = _WORKERS_DIED if died else _BROKE.with_(error=f"{type(error).__name__}: {error}"[:500])
        return Outcome(job.number, "failed", CopyError.exit_code if died else _FAULT, "Cluster", text)
    return _lost(job)


def _lost(job: Job) -> Outcome:
    return Outcome(job.number, "failed", CopyError.exit_code, "Cluster", _SCHEDULER_GONE)


def _quietly(do: Any, *words: Any) -> None:
    """Do what only tidies up, and may find nobody there any more."""
    with suppress(OSError, TimeoutError, RuntimeError, ValueError):
        do(*words)


_NOT_INSTALLED = Text(
    "--scheduler には Dask が要ります： pip install 'privmask[cluster]'",
    "--scheduler needs Dask: pip install 'privmask[cluster]'",
)
_NO_ANSWER = Text(
    "--scheduler {address} につながりません（{why}）。dask scheduler を始めてください",
    "--scheduler {address}: nobody answers there ({why}); begin one with: dask scheduler",
)
_NO_WORKER = Text(
    "{address} に作業者がいません。 dask worker {address} を始めてください",
    "there is no worker at {address}; begin one with: dask worker {address}",
)
_VERSION = Text(
    "作業者 {worker} の privmask は {found}、こちらは {ours} です。版をそろえてください",
    "the worker {worker} has privmask {found}, and here it is {ours}; have the same everywhere",
)
_UNSEEN = Text(
    "作業者 {worker} から {path} など {count} 件が見えません。同じ名前で見えるフォルダーに置いてください",
    "the worker {worker} does not see {path}, of {count} that it should; all need the same files under the same names",
)
_WORKERS_DIED = Text(
    "この作業をした Dask の作業者が次々に止まりました", "one Dask worker after another died while it had this job"
)
_BROKE = Text("Dask での作業が壊れました（{error}）", "the task broke on the cluster ({error})")
_SCHEDULER_GONE = Text(
    "Dask のスケジューラがいなくなりました。もう一度始めれば、済んだものは作り直しません",
    "the scheduler went away; begin again, and what is done will not be done again",
)
