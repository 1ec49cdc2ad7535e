"""The key signs what its batch is about, and nothing else that a worker may ask for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from privmask import mask_clip
from privmask.batch import Ask, Job, Refusal
from privmask.batch.jobs import Answer
from privmask.batch.signing import AskingSigner, answer_to
from privmask.errors import EvidenceError
from privmask.evidence import signed_by
from tests.batch.made import PLAN, job, small_clip
from tests.evidence.small import KEY
from tests.plans import three_zones


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, bytes]:
    """A job, and the statement of its copy."""
    folder = tmp_path_factory.mktemp("stated")
    wanted = job(small_clip(folder / "clip.mp4"), folder / "copy.mp4", key_id=KEY.key_id)
    mask_clip(wanted.original, wanted.copy, PLAN, signer=KEY)
    return wanted, Path(f"{wanted.copy}.provenance.json").read_bytes()


def test_a_worker_gets_the_signature_of_its_own_job(stated: tuple[Job, bytes]) -> None:
    wanted, text = stated
    signer = AskingSigner(KEY.key_id, lambda ask: answer_to(ask, wanted, KEY))
    assert signed_by(signer, text).startswith(b"-----BEGIN SSH SIGNATURE-----")


def refused(text: bytes, wanted: Job, signer: object = KEY) -> str:
    answer = answer_to(Ask(text), wanted, signer)  # type: ignore[arg-type]  # a signer or none
    assert isinstance(answer, Refusal)
    return answer.why


def test_no_other_copy_no_other_plan_and_no_other_words_are_signed(stated: tuple[Job, bytes]) -> None:
    wanted, text = stated
    assert "not of its job" in refused(text, replace(wanted, copy="/elsewhere/other.mp4"))
    assert "not of its job" in refused(text, replace(wanted, plan=three_zones("Blurred")))
    assert refused(b"I owe the bearer a thousand pounds", wanted)
    assert "nobody was to sign" in refused(text, wanted, None)


def test_a_refusal_is_an_error_of_the_evidence(stated: tuple[Job, bytes]) -> None:
    def ask(_: Ask) -> Answer:
        return Refusal("not today")

    with pytest.raises(EvidenceError, match="not today"):
        AskingSigner(KEY.key_id, ask).sign(stated[1])
