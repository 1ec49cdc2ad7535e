"""Workers that die, hang and babble: their own job fails, after a bounded number of attempts, and no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from privmask.batch import Began, Event, Limits, Outcome, Pool, Told
from privmask.errors import PlanError
from privmask.evidence import KeyFileSigner, Signer
from privmask.evidence.keys import new_key
from tests.batch.made import job, named, outcomes
from tests.conftest import ROOT

SCRIPTED = "tests.batch.scripted"
PATH = f"{ROOT / 'src'}:{ROOT}"
Made = Callable[..., Pool]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Makes pools of scripted workers, and ends them."""
    monkeypatch.setenv("PYTHONPATH", PATH)
    made: list[Pool] = []

    def make(workers: int = 2, signer: Signer | None = None, child: str = SCRIPTED, **limits: float) -> Pool:
        made.append(Pool(workers, Limits(**limits), signer, child=child))  # type: ignore[arg-type]  # words for Limits
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """What was told of one batch of two workers, in which all of this goes on at once; each job may be begun twice."""
    folder = tmp_path_factory.mktemp("jobs")
    with pytest.MonkeyPatch.context() as patch, closing(Pool(2, LIMITS, None, child=SCRIPTED)) as pool:
        patch.setenv("PYTHONPATH", PATH)
        return list(pool.run(named(folder, *NAMES)))


LIMITS = Limits(seconds=2, retries=1, memory=1 << 30)
NAMES = ("a", "dies-1", "dies", "hangs", "hangs-1", "babbles", "exits", "eats", "busy-1", "z")


def ended(told: list[Event], name: str) -> Outcome:
    return outcomes(told)[NAMES.index(name) + 1]


def test_every_job_has_one_outcome(told: list[Event]) -> None:
    assert sorted(each.number for each in told if isinstance(each, Outcome)) == [*range(1, len(NAMES) + 1)]


@pytest.mark.parametrize("name", ["a", "busy-1", "z"])
def test_a_job_beside_broken_ones_is_done_at_its_first_attempt(told: list[Event], name: str) -> None:
    assert (ended(told, name).ending, ended(told, name).attempts) == ("made", 1)
    assert any(isinstance(each, Told) and each.number == NAMES.index(name) + 1 for each in told)


@pytest.mark.parametrize("name", ["dies-1", "hangs-1"])
def test_a_job_whose_worker_died_or_hung_is_begun_anew(told: list[Event], name: str) -> None:
    assert [e.attempt for e in told if isinstance(e, Began) and e.number == NAMES.index(name) + 1] == [1, 2]
    assert (ended(told, name).ending, ended(told, name).attempts) == ("made", 2)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("dies", "Died", "signal 9, SIGKILL"),
        ("hangs", "Hung", "nothing moved for 2 s"),
        ("babbles", "Died", "signal 9, SIGKILL"),
        ("exits", "Died", "exit 3: out of order"),
        ("eats", "Died", "exit 1: MemoryError"),
    ],
)
def test_a_clip_that_breaks_every_worker_fails_with_its_own_words(
    told: list[Event], name: str, kind: str, words: str
) -> None:
    outcome = ended(told, name)
    assert (outcome.ending, outcome.code, outcome.kind, outcome.attempts) == ("failed", 6, kind, 2)
    assert words in str(outcome.message)
    assert "2 attempts" in str(outcome.message)


def test_a_job_of_another_run_comes_later_than_those_behind_it(told: list[Event]) -> None:
    begun = [each.number for each in told if isinstance(each, Began)]
    assert begun.count(NAMES.index("busy-1") + 1) == 2
    assert begun[-1] == NAMES.index("busy-1") + 1


def test_where_no_worker_can_be_started_the_batch_says_so(pool: Made, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="No module named"):
        list(pool(child="privmask.nowhere").run(named(tmp_path, "a")))


def test_whoever_stops_listening_ends_the_workers_at_once(pool: Made, tmp_path: Path) -> None:
    owner = pool()
    with closing(owner.run(named(tmp_path, "hangs", "hangs-9"))) as events:
        while not isinstance(next(events), Told):
            pass
        working = owner.pids()
        assert len(working) == 2
    for pid in set(working) - set(owner.pids()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    owner.close()
    assert owner.pids() == []


def test_a_worker_serves_one_job_after_the_other(pool: Made, tmp_path: Path) -> None:
    owner = pool(8)
    list(owner.run(named(tmp_path, "a")))
    first = owner.pids()
    assert len(first) == 1, "no more workers are begun than there are jobs"
    with closing(owner.run(named(tmp_path, "b"))) as events:
        while not isinstance(next(events), Outcome):
            pass
    assert owner.pids() == first, "whoever leaves with the outcome leaves the worker"


def test_a_worker_gets_no_signature_for_what_is_not_its_job(pool: Made, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "key"
    key.parent.mkdir(mode=0o700)
    key.touch(0o600)
    key.write_bytes(new_key(None)[0])
    signer = KeyFileSigner(key)
    clip = tmp_path / "signs.mp4"
    clip.write_bytes(b"I owe the bearer a thousand pounds")
    found = outcomes(pool(signer=signer, retries=0).run([job(clip, tmp_path / "copy.mp4", key_id=signer.key_id)]))
    assert found[1].ending == "failed"
    assert not (tmp_path / "copy.mp4").exists()
