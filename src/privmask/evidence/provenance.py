"""The statement of provenance: what a copy was made from, how, and what its bytes are, as an in-toto Statement v1.

Everything is said in the predicate `urn:privmask:provenance:v1`. Whoever reads it needs no other file: the plan stands in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from privmask.errors import EvidenceError
from privmask.evidence.canonical import Json, canonical_bytes, plain, read_canonical
from privmask.evidence.custody import OriginalRecord
from privmask.evidence.encoded import Encoded
from privmask.evidence.files import FileRecord
from privmask.evidence.shape import PREDICATE, SIGNED, SOMETIMES, STATEMENT, UNSIGNED, require_shape
from privmask.language import Text

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:privmask:provenance:v1"
FORMAT = "privmask.provenance.v1"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was read and found whole. `predicate` is all that it says, in JSON; the rest are ways into it."""

    copy: FileRecord
    predicate: Mapping[str, Json]

    @property
    def key_id(self) -> str | None:
        """The fingerprint (SHA256:…) of the key that is to have signed the statement; None where it says that nobody did."""
        return str(_object(self.predicate, "signer")["key_id"]) if self.predicate["signed"] else None

    @property
    def clock(self) -> datetime:
        """When the statement was made, by the clock of the machine that made it; in UTC."""
        return datetime.fromisoformat(str(self.predicate["clock"]))

    @property
    def plan(self) -> dict[str, Json]:
        """The plan in full, as `MaskPlan.as_data` gave it."""
        return _object(self.predicate, "plan")

    @property
    def plan_sha256(self) -> str:
        """The hash that the statement gives for its plan."""
        return str(self.predicate["plan_sha256"])

    @property
    def original_before(self) -> FileRecord:
        """The original when custody of it began."""
        return self._original("sha256_before")

    @property
    def original_after(self) -> FileRecord:
        """The original when the copy was done."""
        return self._original("sha256_after")

    @property
    def reading(self) -> dict[str, Json]:
        """How the original was read: `stream`, `damaged`, `recorded_at`, and `whole`, the times that were hidden whole."""
        return _object(self.predicate, "reading")

    @property
    def stream_sha256(self) -> str:
        """The hash of all packets of the copy's video stream, as `ffmpeg -f streamhash -hash sha256` counts it."""
        return str(_object(self.predicate, "copy")["stream_sha256"])

    @property
    def search(self) -> dict[str, Json] | None:
        """How moving things were looked for, or None for a copy with still zones only."""
        return _object(self.predicate, "search") if "search" in self.predicate else None

    @property
    def gops(self) -> list[dict[str, Json]]:
        """`start` (seconds, a fraction), `packets` and `sha256` of each group of pictures of the copy, in order."""
        gops = _object(self.predicate, "copy")["gops"]
        return [each for each in gops if isinstance(each, dict)] if isinstance(gops, list) else []

    @property
    def passed(self) -> list[dict[str, Json]]:
        """`frame` (number of the first), `start`, `packets` and `sha256` of each group that travelled as it is, in order."""
        if "passed_through" not in self.predicate:
            return []
        groups = _object(self.predicate, "passed_through")["groups"]
        return [each for each in groups if isinstance(each, dict)] if isinstance(groups, list) else []

    def _original(self, which: str) -> FileRecord:
        original = _object(self.predicate, "original")
        return FileRecord(str(original["name"]), int(str(original["bytes"])), str(original[which]))


def state(
    *,
    original: OriginalRecord,
    copy: FileRecord,
    encoded: Encoded,
    plan: Mapping[str, object],
    masks: Sequence[object],
    reading: Mapping[str, object],
    self_check: Mapping[str, object] | None,
    tool: Mapping[str, object],
    clock: datetime,
    notices: Sequence[str | Text] = (),
    search: Mapping[str, object] | None = None,
    signer: str | None = None,
    unsigned_because: str = "no signer was given",
) -> bytes:
    """The canonical bytes of the statement about `copy`.

    `masks` are objects of `token`, `type` and `shown`, a list of [start, end] in seconds, end None while it lasts; `reading`
    says how the original was read: `stream`, `damaged`, `recorded_at` (None: nobody said) and `whole`, the [start, end] of
    frames that were hidden whole. `self_check` None says that it was not run. `search` says how moving things were looked for,
    where they were: the `labels`, the number of `passes` over the clip, the `detector`'s card, `frames` searched, number of
    `tracks` by label, what was `kept` visible on purpose, and two files: `tracks_file`, where the masks were on each frame, and
    the one `given` by hand. `clock` is a moment with its zone.
    `signer` is the fingerprint of the key that will sign these bytes, or None: then the statement says `unsigned_because`.

    Each part may hold dataclasses, tuples, fractions and large integers. Raises `EvidenceError` that names the place of a
    float, of anything else that is no plain data, and of a part that `read_statement` would refuse.
    """
    plan_data = plain(plan, "plan")
    predicate: dict[str, object] = {
        "format": FORMAT,
        "original": _original_data(original),
        "copy": {**_file_data(copy), "stream_sha256": encoded.stream_sha256, "gops": encoded.gops},
        "plan": plan_data,
        "plan_sha256": hash_of_plan(plan_data),
        "masks": masks,
        "reading": reading,
        **encoded.as_data(),
        "self_check": "not run" if self_check is None else self_check,
        "tool": tool,
        "clock": in_utc(clock),
        "notices": [str(notice) for notice in notices],
        **({"signed": False, "unsigned_because": unsigned_because} if signer is None else _signed_by(signer)),
    }
    if search is not None:
        predicate["search"] = search
    return _checked(copy, plain(predicate, "predicate"))


def hash_of_plan(plan: Json) -> str:
    """The sha256 of a plan's canonical bytes."""
    return hashlib.sha256(canonical_bytes(plan)).hexdigest()


def in_utc(clock: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond: 2026-11-23T06:38:25.104Z."""
    if clock.tzinfo is None:
        raise EvidenceError("the clock gave a time without a zone; a statement needs to say which moment it means")
    return clock.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_statement(text: bytes) -> Statement:
    """The statement in `text`, which may be an enemy's: canonical bytes, the right version, every part of its shape.

    Raises `EvidenceError` that says what is wrong; a statement of a newer privmask is told apart from a broken one.
    """
    data = read_canonical(text, "the statement")
    _require_version(data)
    require_shape(data, STATEMENT, "the statement")
    predicate = _object(data, "predicate")
    signing = SIGNED if predicate.get("signed") is True else UNSIGNED
    require_shape(predicate, {**PREDICATE, **signing}, "predicate", SOMETIMES)
    copy = _object(predicate, "copy")
    record = FileRecord(str(copy["name"]), int(str(copy["bytes"])), str(copy["sha256"]))
    if data["subject"] != _subject(record):
        raise EvidenceError("the statement contradicts itself: its subject is not the copy that it describes")
    statement = Statement(record, predicate)
    _require_listed(statement)
    return statement


def _require_listed(statement: Statement) -> None:
    """What travelled as it is must be among the groups of the copy, each once."""
    frame, listed = 0, []
    for gop in statement.gops:
        listed.append({"frame": frame, **gop})
        frame += int(str(gop["packets"]))
    among = iter(listed)
    if not all(each in among for each in statement.passed):
        raise EvidenceError(
            "the statement contradicts itself: what travelled is not among the copy's groups of pictures"
        )


def _checked(copy: FileRecord, predicate: Json) -> bytes:
    text = canonical_bytes(
        {"_type": STATEMENT_TYPE, "subject": _subject(copy), "predicateType": PREDICATE_TYPE, "predicate": predicate}
    )
    read_statement(text)  # what we write, we must be able to read
    return text


def _subject(copy: FileRecord) -> Json:
    return [{"name": copy.name, "digest": {"sha256": copy.sha256}}]


def _signed_by(key_id: str) -> dict[str, object]:
    return {"signed": True, "signer": {"key_id": key_id}}


def _file_data(record: FileRecord) -> dict[str, object]:
    return {"name": record.name, "bytes": record.bytes, "sha256": record.sha256}


def _original_data(original: OriginalRecord) -> dict[str, object]:
    return {
        "name": original.before.name,
        "bytes": original.before.bytes,
        "sha256_before": original.before.sha256,
        "sha256_after": original.after.sha256,
        "mtime_ns": str(original.modified_ns),
        "notices": original.notices,
    }


def _require_version(data: Mapping[str, Json]) -> None:
    predicate = data.get("predicate")
    told = (data.get("predicateType"), predicate.get("format") if isinstance(predicate, dict) else None)
    if data.get("_type") != STATEMENT_TYPE:
        raise EvidenceError(f"the statement is no in-toto Statement v1: its _type is {_short(data.get('_type'))}")
    if told != (PREDICATE_TYPE, FORMAT):
        raise EvidenceError(
            f"the statement is of version {_short(told[0])} with {_short(told[1])}; this privmask reads {PREDICATE_TYPE} with"
            f" {FORMAT}. If it was made by a newer privmask, verify it with that one"
        )


def _short(value: object) -> str:
    return repr(value)[:80]


def _object(data: Mapping[str, Json], key: str) -> dict[str, Json]:
    value = data[key]
    if not isinstance(value, dict):
        raise EvidenceError(f"{key} is no object")
    return value
