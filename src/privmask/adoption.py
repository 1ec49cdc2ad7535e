"""The record of an adoption, `site.adopted.json`: plain data to canonical bytes and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from privmask.errors import EvidenceError
from privmask.evidence import FileRecord
from privmask.evidence.canonical import Json, canonical_bytes

ADOPTION_FORMAT = "privmask.adoption.v1"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What it says: `by` adopted the rules `policy` and every file that they name; `previous` is the hash of the one before."""

    site: str
    policy: FileRecord
    files: tuple[FileRecord, ...]
    by: str
    at: datetime
    key_id: str
    previous: str | None

    def to_bytes(self) -> bytes:
        """Its canonical bytes, which are signed."""
        data: dict[str, Json] = {
            "format": ADOPTION_FORMAT,
            "site": self.site,
            "policy": _as_data(self.policy),
            "files": [_as_data(each) for each in self.files],
            "by": self.by,
            "at": self.at.astimezone(UTC).isoformat(),
            "signer": {"key_id": self.key_id},
            "previous": self.previous,
        }
        return canonical_bytes(data)


def parsed(data: dict[str, Json]) -> Adoption:
    """The adoption in the data; `EvidenceError` or ValueError if they are none."""
    match data:
        case {
            "format": str(form),
            "site": str(site),
            "policy": dict(policy),
            "files": list(files),
            "by": str(by),
            "at": str(at),
            "signer": {"key_id": str(key_id)},
            "previous": None | str() as previous,
        } if form == ADOPTION_FORMAT and len(data) == 8:
            moment = datetime.fromisoformat(at)
            if moment.utcoffset() is None:
                raise EvidenceError("its time has no zone")
            return Adoption(site, _from_data(policy), tuple(map(_from_data, files)), by, moment, key_id, previous)
    raise EvidenceError("it is no adoption that this version knows")


def _as_data(record: FileRecord) -> dict[str, Json]:
    return {"name": record.name, "bytes": record.bytes, "sha256": record.sha256}


def _from_data(data: Json) -> FileRecord:
    match data:
        case {"name": str(name), "bytes": int(size), "sha256": str(sha256)}:
            return FileRecord(name, size, sha256)
    raise EvidenceError("a file in it is not named by name, bytes and sha256")
