"""The door of many clips: a folder, a list or a table of jobs, on this machine or on a cluster, each clip apart.

`prepare` turns words into jobs and complains about all that is wrong before any work; `Pool` masks them in processes of their
own, which may crash, hang or be killed without harm to the others, and `privmask.batch.cluster` does so on the workers of a
Dask cluster; `run_batch` tells how it goes and what came of each. What is done already is known by the statements beside the
copies alone, so that nothing else has to be kept, and any run may be begun again.
A worker reads hostile footage. It is told no secret: the key that signs stays where the batch was started, and the worker
asks for each signature.
"""

from privmask.batch.jobs import Ask, Began, Event, Job, Limits, Options, Outcome, Refusal, Told
from privmask.batch.pool import Pool
from privmask.batch.preparing import Wishes, prepare
from privmask.batch.running import Engine, Summary, run_batch

__all__ = [
    "Ask",
    "Began",
    "Engine",
    "Event",
    "Job",
    "Limits",
    "Options",
    "Outcome",
    "Pool",
    "Refusal",
    "Summary",
    "Told",
    "Wishes",
    "prepare",
    "run_batch",
]
