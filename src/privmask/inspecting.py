"""The corridor of inspections (点検): what a site can be checked for without a person, and what people saw, recorded together.

1. The rules: what is wrong with them on that day, whether they are adopted as they are, and the files that they name.
2. The disk: who could read what, copies lying in the open, the vault, the signing key.
3. The register: whether it is whole, and whether what it tells is allowed, complete, and the same as what is on the disk.
4. What is owed: everything with a date that has passed.

It says what it found and under which clause, and never that a site complies. Looking changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from privmask.adopting import require_adopted
from privmask.errors import CopyError, EvidenceError, PlanError, PolicyError
from privmask.finding import Finding, note, wrong
from privmask.inspected_disk import disk_findings, vault_state
from privmask.inspected_register import register_findings
from privmask.inspected_rules import rules_findings
from privmask.language import Text
from privmask.office import REGISTER, VAULT, Office
from privmask.owing import owed
from privmask.policy import Site, examine_site, read_site
from privmask.register import Entry, Receipt, check_register, open_register


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an inspection found, in the order of the clauses; `head` is the register's, if it could be read."""

    findings: tuple[Finding, ...]
    head: Receipt | None
    site: Site | None

    @property
    def good(self) -> bool:
        """Whether nothing was wrong; notes do not count."""
        return not any(each.weight == "wrong" for each in self.findings)


def inspect(site_path: str | os.PathLike[str], at: datetime, anchors: Sequence[Receipt] = ()) -> Inspected:
    """Every automatic check of the site whose rules are in `site_path`. `anchors` are heads of its register kept elsewhere.

    Raises `PlanError` if there is no such file.
    """
    folder = Path(os.path.abspath(site_path)).parent
    site, complaints = examine_site(read_site(site_path), at)
    found = list(rules_findings(site_path, site, complaints, at))
    found += _adoption(site_path, at)
    found += disk_findings(folder)
    entries, faults, head = _register(folder, site, anchors)
    found += faults
    if site is not None and entries is not None:
        state = vault_state(folder / VAULT)
        found += register_findings(site, entries, state, known_rules(folder, site_path), at)
        found += _owed(site, entries, at)
    return Inspected(tuple(sorted(found, key=_place)), head, site)


def record_inspection(
    office: Office, found: Inspected, answers: Mapping[int, bool], by: str, remarks: str | None = None
) -> Receipt:
    """Record what was found and how each line of the checklist (from 1) was answered, in the name of the person `by`."""
    from privmask import __version__

    person = office.actor(by, None, {"act": "inspection"})
    lines = range(1, len(office.site.inspection.checklist) + 1)
    if set(answers) != set(lines):
        missing = ", ".join(str(each) for each in lines if each not in answers)
        raise PolicyError(_UNANSWERED.with_(lines=missing or "-"), clause="II-10")
    body = {
        "wrong": [each.clause for each in found.findings if each.weight == "wrong"],
        "notes": [each.clause for each in found.findings if each.weight == "note"],
        "checklist": [answers[line] for line in lines],
        "good": found.good and all(answers.values()),
        "version": __version__,
    }
    return office.record("inspection", person, body, {"remarks": remarks} if remarks else None)


def known_rules(folder: Path, site_path: str | os.PathLike[str]) -> frozenset[str]:
    """The hashes of all rules that were ever adopted here."""
    import json

    stem = Path(site_path).stem
    hashes = set()
    for path in folder.glob(f"{stem}.adopted*.json"):
        try:
            hashes.add(str(json.loads(path.read_bytes())["policy"]["sha256"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # an adoption that does not hold is told elsewhere
    return frozenset(hashes)


def _adoption(site_path: str | os.PathLike[str], at: datetime) -> Iterator[Finding]:
    try:
        require_adopted(site_path, at)
    except PolicyError as error:
        yield wrong(error.clause or "III", _said(error))
    except PlanError:
        return  # the rules do not stand, which was told already


def _register(
    folder: Path, site: Site | None, anchors: Sequence[Receipt]
) -> tuple[list[Entry] | None, list[Finding], Receipt | None]:
    """The entries, None if they cannot be had; what is wrong with the register as such; and its head."""
    path = folder / REGISTER
    if not os.path.lexists(path):
        weight = wrong if os.path.lexists(folder / VAULT) or anchors else note
        return (None if weight is wrong else []), [weight("II-7(2)", _NO_REGISTER)], None
    found: list[Finding] = []
    try:
        checked = check_register(path, anchors)
        found += [wrong("II-7(2)", each.what) for each in checked.faults]
        with open_register(path, site.site.id if site else None) as register:
            entries = list(register.entries())
    except (PolicyError, PlanError, EvidenceError, CopyError) as error:
        return None, [*found, wrong(getattr(error, "clause", None) or "II-7(2)", _said(error))], None
    return entries, found, checked.head


def _owed(site: Site, entries: Sequence[Entry], at: datetime) -> Iterator[Finding]:
    for each in owed(site, entries, at):
        if not each.overdue:
            continue
        skipped = each.kind == "inspection" and each.days_over <= site.inspection.interval_days
        yield (note if skipped else wrong)(each.clause, each.text)


def _place(finding: Finding) -> tuple[int, bool]:
    number = _ORDER.index(finding.clause) if finding.clause in _ORDER else len(_ORDER)
    return number, finding.weight == "note"


def _said(error: Exception) -> Text:
    text = getattr(error, "text", None)
    return text if isinstance(text, Text) else Text(str(error), str(error))


_ORDER = (
    "I-2", "II-1", "II-2", "II-3", "II-4", "II-5", "II-6(1)", "II-6(2)", "II-6(3)", "II-6(4)", "II-6(5)", "II-6(6)",
    "II-7(1)", "II-7(2)", "II-8", "II-9", "II-10", "III",
)  # fmt: skip
_NO_REGISTER = Text("台帳がありません", "there is no register")
_UNANSWERED = Text(
    "点検項目のすべてに答えてください（残り：{lines}）", "every line of the checklist wants an answer; left: {lines}"
)
