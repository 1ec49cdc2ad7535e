"""What is refused before an office is open is recorded as well, wherever there is a register to record it in.

Nobody's name can be looked up in rules that do not hold, and nothing of them is trusted: the entry says what was wanted, under
which clause it was refused, and the hash of the rules as they were found and of those that were adopted. Where it cannot be
recorded, that is the error; either way nothing is done.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from privmask.adopting import adopted_hash
from privmask.errors import PlanError, PolicyError
from privmask.policy import Site, examine_site, policy_hash, read_site
from privmask.register import Draft, Receipt, Register, open_register

NOBODY = "unknown"
"""The actor of a refusal whose actor is not in the rules, or is in rules that do not hold."""


@contextmanager
def refusals_at_the_door(
    register: Path, site_path: str | os.PathLike[str], at: datetime, about: Mapping[str, Any], actor: str = NOBODY
) -> Iterator[None]:
    """Record every refusal that passes in `register`, if that is there. `about` says what was wanted, first of all its `act`.

    `actor` is named if the rules, as they are found, know somebody of that id.
    """
    try:
        yield
    except (PolicyError, PlanError) as error:
        if os.path.lexists(register):
            clause = getattr(error, "clause", None) or "III"
            _record(register, site_path, at, {**about, **_found(site_path), "clause": clause}, actor, error)
        raise


def record_refusal(register: Register, draft: Draft, at: datetime) -> Receipt:
    """Record a refusal at the moment `at`; by a clock that was set back, at that of the last entry, with what the clock said.

    An entry of its own time would let everything after it pass.
    """
    last = register.head().at
    if at >= last:
        return register.append(draft, at)
    told = Draft(
        draft.kind, draft.actor, {**draft.body, "clock": at.isoformat()}, draft.personal, draft.policy_sha256,
        draft.erase_after,
    )  # fmt: skip
    return register.append(told, last)


def years_after(moment: datetime, years: int) -> datetime:
    """The same day so many years later, and the first of March for a 29th of February."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)


def reason_of(error: PolicyError | PlanError) -> dict[str, str]:
    """Why something was refused, as a personal value: it may quote what somebody wrote."""
    return {"decision.reason": error.text.ja if error.text else str(error)}


def _record(
    path: Path,
    site_path: str | os.PathLike[str],
    at: datetime,
    body: Mapping[str, Any],
    actor: str,
    error: PolicyError | PlanError,
) -> None:
    site = _site(site_path)
    known = site is not None and any(each.id == actor for each in site.people)
    with open_register(path, site.site.id if site else None) as register:
        adoption = register.latest("adoption")
        under = adoption.policy_sha256 if adoption else body["policy"]["found"]
        personal = reason_of(error) if site else {}
        end = years_after(at, site.retention.register_years) if site else None
        draft = Draft("refusal", actor if known else NOBODY, body, personal, under, end)
        record_refusal(register, draft, at)


def _found(site_path: str | os.PathLike[str]) -> dict[str, Any]:
    return {"policy": {"found": policy_hash(read_site(site_path)), "expected": adopted_hash(site_path)}}


def _site(path: str | os.PathLike[str]) -> Site | None:
    """The rules as they are found, if they can be read at all."""
    return examine_site(read_site(path))[0]
