"""Signatures for workers: the key stays with whoever started the batch, and signs only what that batch is about."""

from __future__ import annotations

import os
from collections.abc import Callable

from privmask.batch.jobs import Answer, Ask, Job, Refusal
from privmask.errors import EvidenceError
from privmask.evidence import Signer, read_statement, signed_by
from privmask.evidence.canonical import plain
from privmask.evidence.provenance import hash_of_plan


class AskingSigner:
    """A signer without a key: it asks `ask`, which leads to the one that has it."""

    def __init__(self, key_id: str, ask: Callable[[Ask], Answer]) -> None:
        self._key_id, self._ask = key_id, ask

    @property
    def key_id(self) -> str:
        """The fingerprint of the key that will sign."""
        return self._key_id

    def sign(self, message: bytes) -> bytes:
        """The armoured signature; `EvidenceError` if it was refused."""
        answer = self._ask(Ask(message))
        if isinstance(answer, Refusal):
            raise EvidenceError(answer.why)
        return answer


def answer_to(ask: Ask, job: Job, signer: Signer | None) -> Answer:
    """The signature of the statement that a worker asks for, if it is about the copy and the plan of its job."""
    try:
        if signer is None:
            raise EvidenceError("nobody was to sign in this batch")
        _require_of(job, ask.statement)
        return signed_by(signer, ask.statement)
    except EvidenceError as error:
        return Refusal(str(error))


def plan_hash(job: Job) -> str:
    """The hash of its plan that a statement gives."""
    return hash_of_plan(plain(job.plan.as_data(), "plan"))


def _require_of(job: Job, text: bytes) -> None:
    said = read_statement(text)
    if said.copy.name != os.path.basename(job.copy) or said.plan_sha256 != plan_hash(job):
        raise EvidenceError(
            "a worker asked for the signature of a statement that is not of its job; nothing was signed"
        )
