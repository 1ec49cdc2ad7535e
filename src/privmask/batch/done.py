"""Whether the copy of a job is there already: only where the statement beside it says so, and all of it holds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from privmask.batch.jobs import Job
from privmask.batch.signing import plan_hash
from privmask.errors import CopyExistsError
from privmask.evidence import PROVENANCE, Statement, Trust, open_once, read_statement, verify_bytes
from privmask.evidence.canonical import LARGEST_TEXT
from privmask.evidence.files import read_small
from privmask.language import Text
from privmask.video import container_of, open_video
from privmask.video.encoders import plan_encoder

_SIGNER = 3
"""The check that asks whom the verifier trusts: here it is the key itself that is compared."""

_ANY_RATE = Fraction(25)


def made_before(job: Job) -> Statement | None:
    """The statement of the copy that this job would make; None where nothing has the copy's name.

    The statement must name this original, this plan, these options and this key, and the bytes of copy and original, all of
    which are read, must be those that it names. Raises `CopyExistsError`, saying what differs, for anything else of that name,
    `EvidenceError` for a statement that cannot be read, and `FootageError` for an original that cannot.
    """
    if not os.path.lexists(job.copy):
        return None
    text = read_small(job.copy + PROVENANCE, LARGEST_TEXT)
    if text is None:
        _refuse(job, [_NO_STATEMENT])
    statement = read_statement(text or b"")
    differences = list(_differences(job, statement))
    if not differences and not _is_coded_so(job, statement):
        differences = [_OPTION.with_(name="--codec, --lossless, --quality, --preset")]
    if not differences:
        trust = Trust(accept_unsigned=job.key_id is None)
        checks = verify_bytes(job.copy, original=job.original, trust=trust)
        broken = [each for each in checks if each.number != _SIGNER and each.asked and each.outcome != "PASS"]
        differences = [Text(f"検証 {c.number}: {c.reason}", f"{c.number} {c.name}: {c.reason}") for c in broken]
    if differences:
        _refuse(job, differences)
    return statement


def _refuse(job: Job, why: list[Text]) -> None:
    listed = Text("、".join(each.ja for each in why), "; ".join(each.en for each in why))
    raise CopyExistsError(_ANOTHER.with_(copy=repr(job.copy), why=listed))


def _differences(job: Job, statement: Statement) -> Iterator[Text]:
    """What the statement says otherwise than the job wants it."""
    said: Any = statement.predicate
    wanted, reading = job.options, statement.reading
    if statement.plan_sha256 != plan_hash(job):
        yield _PLAN
    if statement.key_id != job.key_id:
        yield _KEY.with_(key=statement.key_id or _NOBODY)
    if reading["recorded_at"] != (job.recorded_at and job.recorded_at.isoformat()):
        yield _OPTION.with_(name="recorded_at")
    if reading["damaged"] != wanted.reading.damaged:
        yield _OPTION.with_(name="--damaged")
    if wanted.reading.stream not in (None, reading["stream"]):
        yield _OPTION.with_(name="--stream")
    if wanted.self_check and said["self_check"] == "not run":
        yield _OPTION.with_(name="--no-self-check")
    if statement.search and wanted.two_pass != (statement.search["passes"] == 2):
        yield _OPTION.with_(name="--two-pass")
    if statement.search and statement.search["given"]:
        yield _OPTION.with_(name="--tracks")
    if any(each["done"].startswith("kept") != (wanted.writing.audio == "keep") for each in _sounds(said)):
        yield _OPTION.with_(name="--audio")
    if statement.passed and not wanted.writing.pass_through:
        yield _OPTION.with_(name="--no-pass-through")


def _sounds(said: Any) -> Iterator[Any]:
    return (each for each in said["streams"] if each["kind"] == "audio")


def _is_coded_so(job: Job, statement: Statement) -> bool:
    said: Any = statement.predicate
    encoder = said["encoder"]
    writing = replace(job.options.writing, container=container_of(job.copy))
    if writing.container in ("jpeg", "png"):
        return bool(encoder["container"] == writing.container)
    if statement.passed and writing.codec == "auto":  # then the codec is that of the packets
        writing = replace(writing, codec=encoder["codec"])
    with open_once(job.original) as file, open_video(file, job.options.reading) as source:
        wanted = plan_encoder(source.info, writing, _ANY_RATE)
    stated = (encoder["container"], encoder["codec"], encoder["encoder"], _quality(encoder["settings"]))
    return stated == (writing.container, wanted.codec, wanted.encoder, _quality(wanted.options))


def _quality(settings: dict[str, str]) -> list[str]:
    """What decides how good the copy is; the rest follows from the footage."""
    named = [f"{name}={settings[name]}" for name in ("preset", "crf", "qp", "qmax") if name in settings]
    return named + re.findall(r"\b(?:crf|qpmax|lossless)=[^:]*", settings.get("x265-params", ""))


_ANOTHER = Text(
    "{copy} が既にあり、この作業の複写ではありません：{why}。別の所へ移すか、別の名前にしてください",
    "{copy} exists, and it is not the copy that this job would make: {why}. Move it away, or name another place",
)
_NO_STATEMENT = Text("来歴がそばにありません", "no statement stands beside it")
_PLAN = Text("計画が違います", "it was made with another plan")
_KEY = Text("署名の鍵が違います（{key}）", "it was signed by another key ({key})")
_NOBODY = Text("署名なし", "nobody signed it")
_OPTION = Text("指定が違います（{name}）", "it was made with another {name}")
