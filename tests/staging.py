"""A site in which everything was done rightly, to be kept, inspected and spoilt; made by the register and the vault alone."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from privmask.office import Office, open_office
from privmask.policy import Ground
from privmask.register.vault import new_id
from privmask.requesting import decide_request, file_request
from tests.offices import make_site
from tests.policy.sites import NOON
from tests.policy.test_requests import COMMON, EVIDENCE

AT = NOON + timedelta(hours=1)
DAY = timedelta(days=1)
NAME = "高橋 三郎"
PICTURES = b"moving pictures " * 4096


def request_data(ground: Ground = Ground.INVESTIGATION, kind: str = "provide") -> dict[str, Any]:
    """What somebody asks for on that ground, without an id."""
    data = copy.deepcopy({**COMMON, "kind": kind, "evidence": EVIDENCE[ground]})
    del data["request_id"]
    return data


def approved(office: Office, ground: Ground = Ground.INVESTIGATION, kind: str = "provide") -> str:
    """The id of a request that the manager approved."""
    id, _ = file_request(office, "suzuki", request_data(ground, kind))
    decide_request(office, "sato", id, "approved", "必要と認める")
    return id


def kept_copy(office: Office, request_id: str | None, camera: str = "gate", by: str = "suzuki", **more: Any) -> str:
    """The id of a copy that was recorded and put into the vault; `more` is said in its entry as well."""
    id = new_id()
    file = office.folder / f"{id}.mp4"
    file.write_bytes(PICTURES)
    try:
        body = copy_body(office, id, request_id, camera)
        vault = office.vault()
        office.record("copy", by, {**body, **more})
        vault.put(file, "gate.mp4", office.at, id=id)
    finally:
        file.unlink()
    return id


def copy_body(office: Office, id: str, request_id: str | None, camera: str = "gate") -> dict[str, Any]:
    """What an entry of a copy says."""
    from hashlib import sha256

    request = {"request_id": request_id} if request_id else {}
    due = office.erase_due.isoformat()
    return {
        "copy_id": id,
        **request,
        "camera": camera,
        "copies": [{"sha256": sha256(PICTURES).hexdigest()}],
        "erase_due": due,
    }


def good_site(folder: Path, *changes: tuple[str, str]) -> Path:
    """A site with one approved request and one copy of it in the vault."""
    site = make_site(folder, *changes)
    with open_office(site, AT) as office:
        kept_copy(office, approved(office))
    return site


def entries(site: Path, kind: str | None = None, at: datetime = AT) -> list[Mapping[str, Any]]:
    """The bodies of the register's entries."""
    with open_office(site, at) as office:
        return [each.body for each in office.register.entries(kind)]
