"""How many jobs at once, and what each of them may have."""

from __future__ import annotations

import os

import pytest

from privmask.batch import machine
from privmask.batch.machine import Share, share_of
from privmask.processes import free_memory

GIB = 1 << 30
FREE = free_memory


@pytest.fixture(autouse=True)
def _eight_processors_and_ten_gibibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)))
    monkeypatch.setattr(machine, "free_memory", lambda: 10 * GIB)


@pytest.mark.parametrize(
    ("jobs", "mebibytes", "most", "share"),
    [
        (None, None, 100, Share(8, 1, 10 * GIB // 8)),
        (None, None, 2, Share(2, 4, 5 * GIB)),
        (3, None, 100, Share(3, 2, 10 * GIB // 3)),
        (20, None, 100, Share(20, 1, GIB)),
        (None, 4096, 100, Share(2, 4, 4 * GIB)),
        (6, 512, 100, Share(6, 1, GIB // 2)),
    ],
)
def test_the_machine_is_shared_out(jobs: int | None, mebibytes: int | None, most: int, share: Share) -> None:
    assert share_of(jobs, mebibytes, most) == share


def test_where_nobody_tells_how_much_memory_is_free_there_is_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: None)
    assert share_of(None, None, 100) == Share(8, 1, None)


def test_on_a_cluster_each_job_has_one_thread_and_the_memory_that_was_said() -> None:
    assert share_of(None, None, 100, on_cluster=True) == Share(1, 1, None)
    assert share_of(None, 512, 100, on_cluster=True) == Share(1, 1, GIB // 2)


def test_this_machine_tells_how_much_memory_is_free() -> None:
    found = FREE()
    assert found is not None
    assert found > 0
