"""What must be refused is refused through the command line: with 5 or 2, in both languages, leaving nothing but its record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from privmask.cli import clock
from privmask.cli import policy as policy_command
from privmask.office import REGISTER, VAULT, open_office
from privmask.register import create_register, open_register, verify_register
from tests.cli.conftest import Privmask
from tests.cli.governed import AT, enter
from tests.evidence import rings
from tests.policy.sites import NOON
from tests.register.vaults import RECIPIENT
from tests.test_provision import approved, kept
from tests.test_requesting import form

SPAN = ("--camera", "gate", "--from", "2026-11-19T21:10+09:00", "--until", "2026-11-19T21:20+09:00")
NEW = ("request", "new", "--as", "suzuki", "--from", "asked.json")
VIEW = ("view", "COPY", "--as", "suzuki", "--request", "R-2026-0001", "--player", "true")
PROVIDE = ("provide", "COPY", "--to", "高橋 三郎", "--medium", "光ディスク", "--recipient", "KEY", "-o", "out.age")


@dataclass(frozen=True)
class Case:
    """What is typed after something was done to the site, and how that ends; `entry` is what the register says of it."""

    words: tuple[str, ...]
    code: int = 5
    entry: Mapping[str, Any] | None = None
    spoil: Callable[[Path, pytest.MonkeyPatch], object] = lambda *_: None


def _asked(**changes: Any) -> Callable[[Path, pytest.MonkeyPatch], object]:
    """A request with these changes, by dotted names; None takes a field away."""

    def write(site: Path, _: pytest.MonkeyPatch) -> object:
        data: dict[str, Any] = form()
        for path, value in changes.items():
            *tables, last = path.split(".")
            table = data
            for name in tables:
                table = table[name]
            if value is None:
                del table[last]
            else:
                table[last] = value
        return (site.parent / "asked.json").write_text(json.dumps(data), "utf-8")

    return write


def _later(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "now", lambda: AT + timedelta(days=100))


def _set_back(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "now", lambda: AT - timedelta(minutes=30))


def _edit(old: str, new: str) -> Callable[[Path, pytest.MonkeyPatch], object]:
    return lambda site, _: site.write_text(site.read_text().replace(old, new, 1))


def _another_register(site: Path, _: pytest.MonkeyPatch) -> None:
    for file in (site.parent / REGISTER.parent).iterdir():
        file.unlink()
    create_register(site.parent / REGISTER, "minami", NOON)


def _open(name: str) -> Callable[[Path, pytest.MonkeyPatch], object]:
    return lambda site, _: (site.parent / name).chmod(0o644)


def _another_key(site: Path, patch: pytest.MonkeyPatch) -> None:
    rings.make(site.parent.parent / "other")
    patch.setenv("PRIVMASK_KEYS", str(site.parent.parent / "other"))


def _revoked(site: Path, _: pytest.MonkeyPatch) -> None:
    key = next(line for line in site.read_text().splitlines() if line.startswith("key = ")).split('"')[1]
    (site.parent.parent / "keys" / "revoked").write_text(f"{key}\n")


def refusal(act: str, clause: str) -> dict[str, Any]:
    return {"act": act, "clause": clause}


CASES = {
    "a request by nobody": Case((*NEW[:3], "nobody", *NEW[4:]), entry=refusal("request", "II-4"), spoil=_asked()),
    "a view by somebody whose time is over": Case(
        (*VIEW[:3], "tanaka", *VIEW[4:]), entry=refusal("view", "II-4"), spoil=_later
    ),
    "a decision by an operator": Case(
        ("request", "decide", "R-2026-0001", "--as", "suzuki", "--approve", "--reason", "x"),
        entry=refusal("decide", "II-4"),
    ),
    "a ground without its evidence": Case(
        NEW,
        entry={**refusal("request", "II-7(1)"), "missing": ["evidence.document_number"]},
        spoil=_asked(**{"evidence.document_number": None}),
    ),
    "no ground of the four": Case(
        NEW, entry=refusal("request", "II-7(1)"), spoil=_asked(**{"evidence.ground": "curiosity"})
    ),
    "a span that ends before it begins": Case(
        NEW, entry=refusal("request", "II-7(2)"), spoil=_asked(to="2026-11-18T21:00:00+09:00")
    ),
    "an identity checked days before": Case(
        NEW, entry=refusal("request", "II-7(2)"), spoil=_asked(**{"identity.checked_at": "2026-11-18T21:00:00+09:00"})
    ),
    "a time without its zone": Case(
        NEW, entry=refusal("request", "II-7(2)"), spoil=_asked(received_at="2026-11-20T10:00:00")
    ),
    "an identity that is still to be checked": Case(
        NEW, entry=refusal("request", "II-7(2)"), spoil=_asked(**{"identity.checked_at": "2026-12-24T10:00:00+09:00"})
    ),
    "a camera that nobody knows": Case(NEW, entry=refusal("request", "II-2"), spoil=_asked(cameras=["roof"])),
    "a view for nothing": Case((*VIEW[:4], "--player", "true"), entry=refusal("view", "II-1")),
    "a view of a recording for no purpose of the rules": Case(
        ("view", *SPAN, "--as", "suzuki", "--purpose", "curiosity"), entry=refusal("view", "II-1")
    ),
    "a view from a time without its zone": Case(
        ("view", *SPAN[:3], "2026-11-19T21:10", *SPAN[4:], "--as", "suzuki", "--purpose", "crime-prevention"), code=2
    ),
    "a hand-over to somebody else": Case(
        (*PROVIDE[:3], "somebody", *PROVIDE[4:], "--as", "suzuki"), entry=refusal("provide", "II-7(1)")
    ),
    "a hand-over by the manager, who is no operator": Case(
        (*PROVIDE, "--as", "sato"), entry=refusal("provide", "II-4")
    ),
    "a clock that was set back": Case(
        (*PROVIDE, "--as", "suzuki"), entry=refusal("provide", "II-7(2)"), spoil=_set_back
    ),
    "a look at what is due by such a clock": Case(("due",), entry=refusal("due", "II-7(2)"), spoil=_set_back),
    "rules that changed": Case(
        ("due",), entry=refusal("due", "III"), spoil=_edit("recording = true", "recording = true #")
    ),
    "rules of a newer format": Case(VIEW, entry=refusal("view", "III"), spoil=_edit("site.v1", "site.v2")),
    "a newer format to be adopted": Case(
        ("policy", "adopt", "--as", "sato"), code=2, spoil=_edit("site.v1", "site.v2")
    ),
    "an adoption by an operator": Case(("policy", "adopt", "--as", "suzuki"), entry=refusal("adopt", "II-4")),
    "an adoption by nobody": Case(("policy", "adopt", "--as", "nobody"), entry=refusal("adopt", "II-4")),
    "an adoption by another key": Case(
        ("policy", "adopt", "--as", "sato"), entry=refusal("adopt", "III"), spoil=_another_key
    ),
    "an adoption by a revoked key": Case(
        ("policy", "adopt", "--as", "sato"), entry=refusal("adopt", "III"), spoil=_revoked
    ),
    "work under an adoption by a revoked key": Case(("due",), entry=refusal("due", "III"), spoil=_revoked),
    "a register of another site": Case(("due",), spoil=_another_register),
    "a register that others can read": Case(("due",), spoil=_open(str(REGISTER))),
    "a site's key that others can read": Case(
        (*PROVIDE, "--as", "suzuki"), entry=refusal("provide", "II-10"), spoil=_open(f"{VAULT}/site-key")
    ),
    "a signing key that others can read": Case(
        ("policy", "adopt", "--as", "sato"), code=2, spoil=_open("../keys/signing-key")
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_refused_in_words_and_leaves_nothing_but_its_record(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case, site = CASES[name], enter(tmp_path, monkeypatch)
    monkeypatch.setattr(policy_command, "_now", lambda: AT)
    with open_office(site, AT) as office:
        copy_id = kept(office, approved(office))
    case.spoil(site, monkeypatch)
    before, count = files(site), len(entries(site))
    words = [{"COPY": copy_id, "KEY": RECIPIENT}.get(word, word) for word in case.words]
    said = [privmask("--lang", language, *words) for language in ("ja", "en")]
    assert [each.code for each in said] == [case.code] * 2, said
    assert all(each.out == "" and each.err.startswith("privmask: ") for each in said)
    assert said[0].err != said[1].err
    assert not said[0].err.isascii()
    assert files(site) == before
    new = entries(site)[count:]
    assert [each.kind for each in new] == (["refusal"] * 2 if case.entry else [])
    assert all(case.entry.items() <= each.body.items() for each in new if case.entry)


def files(site: Path) -> set[str]:
    """What lies in the site, besides the register's own files."""
    return {str(path) for path in site.parent.rglob("*") if not path.name.startswith(REGISTER.name)}


def entries(site: Path) -> list[Any]:
    path = site.parent / REGISTER
    mode = path.stat().st_mode
    path.chmod(0o600)
    try:
        assert verify_register(path) == []
        with open_register(path) as register:
            return list(register.entries())
    finally:
        path.chmod(mode)
