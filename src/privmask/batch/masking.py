"""One job from its beginning to its end, whatever that is: what a worker does with it."""

from __future__ import annotations

from collections.abc import Callable

from privmask.batch.done import made_before
from privmask.batch.jobs import Busy, Job, Outcome
from privmask.copying import Progress, mask_clip
from privmask.errors import CopyExistsError, FootageError, PrivmaskError
from privmask.evidence import Signer, Statement, read_statement
from privmask.evidence.claims import claim_copy
from privmask.failures import in_both
from privmask.language import Text
from privmask.watching import Looking

FAULT = 1


def mask_job(job: Job, signer: Signer | None, told: Callable[[Progress], None]) -> Outcome | Busy:
    """Make the copy of the job unless it is there, and say what came of it; `Busy` while another run makes it.

    No error of the job leaves this function: it is the outcome.
    """
    try:
        statement = made_before(job)
        return _made(job, signer, told) if statement is None else _ended(job, statement)
    except PrivmaskError as error:
        kind = type(error).__name__.removesuffix("Error")
        return Outcome(job.number, "failed", error.exit_code, kind, in_both(error))
    except MemoryError:
        return Outcome(job.number, "failed", FootageError.exit_code, "Memory", _MEMORY)
    except Exception as error:  # a fault of privmask with one clip is no reason to leave the others undone
        said = _FAULT.with_(error=f"{type(error).__name__}: {error}")
        return Outcome(job.number, "failed", FAULT, type(error).__name__, said)


def _made(job: Job, signer: Signer | None, told: Callable[[Progress], None]) -> Outcome | Busy:
    with claim_copy(job.copy) as ours:
        if not ours:
            return Busy()
        statement = made_before(job)  # again: it may have come while we looked
        if statement is not None:
            return _ended(job, statement)
        try:
            return _masked(job, signer, told)
        except CopyExistsError:
            statement = made_before(job)  # a run without a claim was faster
            if statement is None:
                raise
            return _ended(job, statement)


def _masked(job: Job, signer: Signer | None, told: Callable[[Progress], None]) -> Outcome:
    options = job.options
    if job.plan.dynamic and options.reading.threads:
        from privmask.detect.models import bound_threads

        bound_threads(options.reading.threads)
    result = mask_clip(
        job.original,
        job.copy,
        job.plan,
        reading=options.reading,
        writing=options.writing,
        looking=Looking(two_pass=options.two_pass),
        recorded_at=job.recorded_at,
        self_check=options.self_check,
        signer=signer,
        progress=told,
    )
    statement = read_statement(result.statement.read_bytes())
    return Outcome(job.number, "made", frames=result.frames, sha256=statement.copy.sha256, notices=result.notices)


def _ended(job: Job, statement: Statement) -> Outcome:
    frames = statement.predicate["frames"]
    count = frames["out"] if isinstance(frames, dict) else None
    return Outcome(job.number, "there", frames=count if isinstance(count, int) else None, sha256=statement.copy.sha256)


_FAULT = Text("privmask 自体の不具合です：{error}", "a fault of privmask itself: {error}")
_MEMORY = Text(
    "この映像には、1つの作業に許した以上のメモリが要ります。--memory で増やすか、--jobs を減らしてください",
    "this clip takes more memory than one worker may have; give more with --memory, or begin fewer with --jobs",
)
