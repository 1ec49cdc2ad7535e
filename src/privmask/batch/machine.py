"""How many jobs this machine takes at once, and what each of them may have of it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from privmask.processes import free_memory

_MIB = 1 << 20
_ONE_JOB = 1024 * _MIB
"""Bytes that a job of common size takes: 1080p with faces, both decoder and encoder."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many `jobs` at once, each with so many `threads`, and bytes of `memory`, None for no bound."""

    jobs: int
    threads: int
    memory: int | None


def share_of(jobs: int | None, mebibytes: int | None, most: int, *, on_cluster: bool = False) -> Share:
    """The share of each job here; `jobs` and `mebibytes` are what was asked for, and there are `most` jobs in all.

    As many jobs as there are processors, as long as each has a gibibyte of the memory that is free; and each its part of both.
    On a cluster each has one thread, and what memory it may have is only known where it was said.
    """
    asked = mebibytes * _MIB if mebibytes else None
    if on_cluster:
        return Share(1, 1, asked)
    processors, free = len(os.sched_getaffinity(0)), free_memory()
    fitting = processors if free is None else max(1, min(processors, free // (asked or _ONE_JOB)))
    at_once = max(1, min(jobs or fitting, most))
    bound = None if free is None else max(_ONE_JOB, free // at_once)
    return Share(at_once, max(1, processors // at_once), asked or bound)
