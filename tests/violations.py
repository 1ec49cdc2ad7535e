"""Ways to break the guideline, each staged alone in a site that was good, with the clauses that an inspection must name."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from privmask.handing import HANDING
from privmask.inspecting import inspect, record_inspection
from privmask.keeping import erase_copy, hold_copy, retire
from privmask.office import REGISTER, VAULT, Office, open_office
from privmask.policy import Ground
from privmask.recording import record
from privmask.register import Draft, Receipt, create_register, open_register
from privmask.register.vault import open_vault
from privmask.requesting import decide_request, file_request, parted
from privmask.workroom import work_folder
from tests.offices import adopt, make_site
from tests.register.made import edited
from tests.staging import AT, DAY, NAME, PICTURES, approved, copy_body, kept_copy, request_data
from tests.test_recording import GOOD

LATER = AT + timedelta(hours=1)
REQUEST = "R-2026-0001"
RETIRED = ("installed_on = 2026-04-01\nframe", "installed_on = 2026-04-01\nretired_on = 2026-11-23\nframe")
VIEW = {"handed_over": {"at": AT.isoformat()}}


@dataclass
class Stage:
    """A site to be spoilt: when it is inspected, and the receipts that were kept elsewhere."""

    site: Path
    at: datetime = LATER
    anchors: list[Receipt] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.site.parent

    @property
    def register(self) -> Path:
        return self.folder / REGISTER

    @property
    def vault(self) -> Path:
        return self.folder / VAULT

    @property
    def copy(self) -> Path:
        """The folder of the one copy at rest."""
        (found,) = (self.vault / "copies").iterdir()
        return found

    def act(self, task: Callable[[Office], object], at: datetime = LATER) -> None:
        with open_office(self.site, at) as office:
            task(office)

    def note(self, kind: str, body: dict[str, Any], by: str = "suzuki", **more: Any) -> None:
        self.act(lambda office: office.record(kind, by, body, **more))

    def change(self, *changes: tuple[str, str]) -> None:
        """Other rules, rightly adopted and made known."""
        text = self.site.read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.site.write_text(text)
        adopt(self.site)
        self.act(lambda _: None)

    def rewrite(self, old: str, new: str) -> None:
        """Other rules, which nobody adopted."""
        text = self.site.read_text()
        assert old in text, old
        self.site.write_text(text.replace(old, new, 1))


def good(folder: Path) -> Stage:
    """A site in which every duty was done: asked, decided, copied, provided, viewed, erased, answered, told and inspected."""
    stage = Stage(make_site(folder))
    (folder / "site.toml").chmod(0o600)
    with open_office(stage.site, AT) as office:
        id = approved(office)
        provided(office, id, kept_copy(office, id))
        erase_copy(office, kept_copy(office, id), "suzuki")
        office.record("exception", "sato", {"act": "mask", "camera": "arcade"}, {"exception.reason": "点検"})
        erase_copy(office, kept_copy(office, None, "arcade", "sato", exception=True), "sato")
        seen = approved(office, Ground.SUBJECT, "view")
        office.record("view", "suzuki", {"request_id": seen, "handed_over": {"at": AT.isoformat()}}, _to())
        office.record("view", "suzuki", {"purpose": "crime-prevention", **VIEW}, _to())
        record(office, "complaint", GOOD["complaint"], "suzuki")
        for kind in ("answer", "briefing", "disposal", "contractor"):
            record(office, kind, GOOD[kind], "sato")
    with open_office(stage.site, AT) as office:
        record_inspection(office, inspect(stage.site, AT), {1: True, 2: True}, "suzuki")
    return stage


def provided(office: Office, request_id: str | None, copy_id: str) -> None:
    body = {"request_id": request_id, "copy_id": copy_id, "handed_over": {"at": office.at.isoformat()}}
    office.record("provision", "suzuki", body, _to())


def _to() -> dict[str, str]:
    return {"handed_over.to": NAME, "handed_over.medium": "暗号化したファイル"}


def _put(office: Office, name: str = "x.mp4") -> None:
    file = office.folder / name
    file.write_bytes(PICTURES)
    office.vault().put(file, name, office.at)
    file.unlink()


def _refused_request(office: Office) -> str:
    id, _ = file_request(office, "suzuki", request_data())
    decide_request(office, "sato", id, "refused", "必要と認めない")
    return id


def _approved_without_number(office: Office) -> None:
    data = {**request_data(), "request_id": "R-2026-0009"}
    del data["evidence"]["document_number"]
    lasting, personal = parted(data)
    office.record("request", "suzuki", lasting, personal)
    decision = {"outcome": "approved", "by": "sato", "at": office.at.isoformat()}
    office.record("decision", "sato", {"request_id": "R-2026-0009", "decision": decision})


def _erase_silently(stage: Stage) -> None:
    open_vault(stage.vault).erase(stage.copy.name)


def _interrupted(stage: Stage) -> None:
    stage.copy.rename(stage.vault / "erasing" / stage.copy.name)


def _from_a_backup(stage: Stage) -> None:
    id = stage.copy.name
    shutil.copytree(stage.copy, stage.folder / "backup")
    stage.act(lambda office: erase_copy(office, id, "suzuki"))
    shutil.move(stage.folder / "backup", stage.vault / "copies" / id)


def _other_copy(stage: Stage) -> None:
    path = stage.copy / "held.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, "sha256": "0" * 64}))


def _edit_entry(stage: Stage) -> None:
    with edited(stage.register) as connection:
        connection.execute("UPDATE entry SET body = replace(body, 'suzuki', 'tanaka') WHERE seq = 4")


def _delete_entry(stage: Stage) -> None:
    with edited(stage.register) as connection:
        connection.execute('DELETE FROM entry WHERE instr(body, \'"kind":"contractor"\')')


def _cut(stage: Stage) -> None:
    with open_register(stage.register) as register:
        stage.anchors.append(register.head())
    with edited(stage.register) as connection:
        connection.execute("DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)")


def _other_register(stage: Stage) -> None:
    shutil.rmtree(stage.register.parent)
    create_register(stage.register, "another-site", AT)


def _strange_rules(stage: Stage) -> None:
    with open_register(stage.register) as register:
        register.append(Draft("briefing", "sato", {"on": "2026-11-23"}, policy_sha256="ab" * 32), LATER)


def _revoked(stage: Stage) -> None:
    keys = stage.folder.parent / "keys"
    key_id = json.loads((stage.folder / "site.adopted.json").read_text())["signer"]["key_id"]
    (keys / "revoked").write_text(f"{key_id}\n")
    (keys / "revoked").chmod(0o600)


def _inspected(office: Office, answers: dict[int, bool]) -> None:
    record_inspection(office, inspect(office.site_path, office.at), answers, "suzuki")


def _hold_that_ended(stage: Stage) -> None:
    id = stage.copy.name
    stage.act(lambda office: hold_copy(office, id, date(2026, 12, 25), "訴訟", "sato"))
    stage.at = datetime.fromisoformat("2026-12-26T00:00+09:00")


def _skipped(stage: Stage) -> None:
    stage.change(("interval_days = 90", "interval_days = 1"))
    stage.at = AT + 3 * DAY


def _nobody_told(stage: Stage) -> None:
    _skipped(stage)
    stage.act(_inspected_and_adopted, stage.at)


def _inspected_and_adopted(office: Office) -> None:
    _inspected(office, {1: True, 2: True})
    office.record("adoption", "sato", {"adopted_at": "2026-11-24T12:00:00+09:00"})


def _before_the_term(stage: Stage) -> None:
    stage.change(("2026-04-01\nvalid_until = 2026-12-31", "2026-12-01\nvalid_until = 2026-12-31"))
    stage.note("briefing", {"on": "2026-11-23"}, "tanaka")


def _copied_after_the_end(stage: Stage) -> None:
    stage.change(RETIRED)
    stage.act(lambda office: retire(office, "gate", [], "sato"))
    stage.at = LATER + timedelta(minutes=1)
    stage.act(lambda office: kept_copy(office, REQUEST), stage.at)


def _provided_before_approval(office: Office) -> None:
    id, _ = file_request(office, "suzuki", request_data())
    office.record("exception", "sato", {"act": "mask", "camera": "gate"}, {"exception.reason": "点検"})
    provided(office, id, kept_copy(office, id, by="sato", exception=True))
    office.at += timedelta(minutes=1)
    decide_request(office, "sato", id, "approved", "必要と認める")


def _retired_medium(stage: Stage) -> None:
    stage.change(RETIRED)
    stage.act(lambda office: retire(office, "gate", ["hdd-7"], "sato"))


def _unanswered(stage: Stage) -> None:
    stage.act(lambda office: record(office, "complaint", GOOD["complaint"], "suzuki"))
    stage.at = AT + 20 * DAY


def _contractor_ended(stage: Stage) -> None:
    ended = {**GOOD["contractor"], "event": "ended"}
    stage.act(lambda office: record(office, "contractor", ended, "sato"))


def _too_long(office: Office) -> None:
    kept_copy(office, REQUEST, erase_due=(LATER + 60 * DAY).isoformat())


def _provided_to_nobody(office: Office) -> None:
    (copy,) = office.vault().held()
    body = {"request_id": REQUEST, "copy_id": copy.id, "handed_over": {"at": office.at.isoformat()}}
    office.record("provision", "suzuki", body, {"handed_over.medium": "光ディスク"})


def _names_too_long(office: Office) -> None:
    past = LATER - timedelta(minutes=1)
    office.record("leak", "suzuki", {"happened": "lost"}, {"text": NAME}, erase_after=past)


def _no_exception(office: Office) -> None:
    kept_copy(office, None, exception=True)


def _left_open(stage: Stage) -> None:
    """What `kill -9` leaves of a command that had a copy open."""
    with work_folder(stage.folder) as folder:
        (folder / "gate.mp4").write_bytes(PICTURES)
        (folder / "gate.mp4").chmod(0o600)
        shutil.copytree(folder, folder.parent / "left")


def _picture_in_the_open(stage: Stage) -> None:
    (stage.folder / "moved-cameras").mkdir(0o700)
    (stage.folder / "moved-cameras" / "gate-1.png").write_bytes(PICTURES)


def _half_handed(stage: Stage) -> None:
    """What `kill -9` leaves between the record of a hand-over and the name of its file."""
    (stage.folder / HANDING).mkdir(0o700)
    note = stage.folder / HANDING / "0123456789abcdef.json"
    note.write_text(json.dumps({"copy_id": stage.copy.name, "sha256": "0" * 64, "names": {}}))
    note.chmod(0o600)


def _key_destroyed(stage: Stage) -> None:
    id = stage.copy.name
    stage.act(lambda office: erase_copy(office, id, "suzuki"))
    open_vault(stage.vault).retire()


def _never_put(office: Office) -> None:
    office.record("copy", "suzuki", copy_body(office, "ab" * 16, REQUEST))


def _approved_later(office: Office) -> None:
    id, _ = file_request(office, "suzuki", request_data())
    kept_copy(office, id)
    office.at += timedelta(minutes=1)
    decide_request(office, "sato", id, "approved", "必要と認める")


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _chmod(path: Path, mode: int) -> None:
    assert path.exists()
    path.chmod(mode)


Spoil = Callable[[Stage], object]


def _acting(task: Callable[[Office], object]) -> Spoil:
    return lambda stage: stage.act(task)


def _with(*changes: tuple[str, str]) -> Spoil:
    """Other rules, rightly adopted."""
    return lambda stage: stage.change(*changes)


def _rewritten(old: str, new: str) -> Spoil:
    """Other rules, which nobody adopted."""
    return lambda stage: stage.rewrite(old, new)


VIOLATIONS: dict[str, tuple[set[str], Spoil]] = {
    "the picture that the rules name is gone": ({"II-2", "III"}, lambda s: (s.folder / "reference/gate.png").unlink()),
    "a zone with two corners": ({"II-2", "III"}, _rewritten("[576, 216],\n           [576, 540]", "[576, 216]")),
    "nothing said of what is private": ({"II-2", "III"}, _rewritten("nothing_private", "# nothing_private")),
    "no sign yet": ({"II-3"}, _with(("posted_on = 2026-04-01", "posted_on = 2026-12-01"))),
    "nobody to complain to": ({"II-3", "III"}, _rewritten('phone = "000-000-0000"', 'phone = ""')),
    "an expired operator": ({"II-4"}, _with(("valid_until = 2026-12-31", "valid_until = 2026-11-22"))),
    "no manager": ({"II-4", "III"}, _rewritten('roles = ["manager"]', 'roles = ["operator"]')),
    "an act of somebody unknown": ({"II-4"}, lambda s: s.note("briefing", {"on": "2026-11-23"}, "yamada")),
    "a manager's act by an operator": ({"II-4"}, lambda s: s.note("exception", {"copy_id": s.copy.name})),
    "an act before the term": ({"II-4"}, _before_the_term),
    "in office without a pledge": (
        {"II-5"},
        _with(("12-31\npledged_on = 2026-04-01", "12-31\npledged_on = 2026-12-01")),
    ),
    "a register that others read": ({"II-5"}, lambda s: _chmod(s.register, 0o640)),
    "a folder of the register that others enter": ({"II-5"}, lambda s: _chmod(s.register.parent, 0o750)),
    "a vault that others enter": ({"II-5"}, lambda s: _chmod(s.vault, 0o750)),
    "a copy's key that others read": ({"II-5"}, lambda s: _chmod(s.copy / "key.age", 0o640)),
    "rules that others write": ({"II-5"}, lambda s: _chmod(s.site, 0o620)),
    "a copy in the open": ({"II-6(1)"}, lambda s: (s.folder / "x.mp4.provenance.json").write_text("{}")),
    "a copy of which a byte was changed": ({"II-6(1)"}, lambda s: _flipped(s.copy / "copy.age")),
    "a copy whose end is gone": ({"II-6(1)"}, lambda s: os.truncate(s.copy / "copy.age", 200)),
    "a copy's key that was changed": ({"II-6(1)"}, lambda s: _flipped(s.copy / "key.age")),
    "something strange in the vault": ({"II-6(1)"}, lambda s: (s.vault / "copies" / "notes").mkdir(0o700)),
    "a copy whose key is gone": ({"II-6(1)"}, lambda s: (s.copy / "key.age").unlink()),
    "a copy that nobody recorded": ({"II-6(2)"}, _acting(_put)),
    "a copy that vanished": ({"II-6(2)"}, lambda s: shutil.rmtree(s.copy)),
    "another copy than the one recorded": ({"II-6(2)"}, _other_copy),
    "a vault that is gone": ({"II-6(2)"}, lambda s: shutil.rmtree(s.vault)),
    "a copy that nobody asked for": ({"II-6(2)"}, _acting(lambda office: kept_copy(office, None))),
    "a copy by an exception that nobody made": ({"II-6(2)"}, _acting(_no_exception)),
    "a copy that a killed run left open": ({"II-6(1)"}, _left_open),
    "pictures of a camera that moved in the open": ({"II-6(1)"}, _picture_in_the_open),
    "a hand-over that was killed": ({"II-7(2)"}, _half_handed),
    "a vault's key that was destroyed without a record": ({"II-10"}, _key_destroyed),
    "a copy before its approval": ({"II-6(2)"}, _acting(_approved_later)),
    "a copy for a refused request": ({"II-6(2)"}, _acting(lambda office: kept_copy(office, _refused_request(office)))),
    "a copy that is recorded and was never put": ({"II-6(2)"}, _acting(_never_put)),
    "a copy provided that was never made": ({"II-6(2)"}, _acting(lambda office: provided(office, REQUEST, "ab" * 16))),
    "a copy kept too long": ({"II-6(3)"}, _acting(_too_long)),
    "rules without days of keeping": ({"II-6(3)", "III"}, _rewritten("copies_days = 30\n", "")),
    "an overdue copy": ({"II-6(4)"}, lambda s: setattr(s, "at", AT + 31 * DAY)),
    "an expired hold": ({"II-6(4)"}, _hold_that_ended),
    "an erasure that nobody recorded": ({"II-6(4)"}, _erase_silently),
    "an erasure that was interrupted": ({"II-6(2)", "II-6(4)"}, _interrupted),
    "an erased copy that came back": ({"II-6(4)"}, _from_a_backup),
    "a retired medium that nobody destroyed": ({"II-6(5)"}, _retired_medium),
    "on the Internet without a measure": (
        {"II-6(6)", "III"},
        _rewritten('"ウイルス対策ソフトウェアの使用", "初期パスワードの変更"', ""),
    ),
    "approved without its evidence": ({"II-7(1)"}, _acting(_approved_without_number)),
    "provided without a request": ({"II-7(1)"}, lambda s: s.act(lambda office: provided(office, None, s.copy.name))),
    "provided before its approval": ({"II-7(1)"}, _acting(_provided_before_approval)),
    "provided on a refused request": (
        {"II-7(1)"},
        lambda s: s.act(lambda office: provided(office, _refused_request(office), s.copy.name)),
    ),
    "shown without a request": ({"II-7(1)"}, lambda s: s.note("view", VIEW, personal=_to())),
    "a camera that was not asked for": ({"II-7(1)"}, _acting(lambda office: kept_copy(office, REQUEST, "arcade"))),
    "a copy provided on another's request": (
        {"II-7(1)"},
        lambda s: s.act(lambda office: provided(office, approved(office), s.copy.name)),
    ),
    "shown for a purpose of one's own": (
        {"II-1"},
        lambda s: s.note("view", {"purpose": "curiosity", **VIEW}, personal=_to()),
    ),
    "provided to nobody knows whom": ({"II-7(2)"}, _acting(_provided_to_nobody)),
    "an edited register": ({"II-7(2)"}, _edit_entry),
    "an entry taken out of the register": ({"II-7(2)"}, _delete_entry),
    "a register whose end was cut off": ({"II-7(2)"}, _cut),
    "a register of another site": ({"III"}, _other_register),
    "no register": ({"II-7(2)"}, lambda s: shutil.rmtree(s.register.parent)),
    "names kept too long": ({"II-7(2)"}, _acting(_names_too_long)),
    "a complaint without an answer": ({"II-8"}, _unanswered),
    "a contractor whose access has ended": (
        {"II-4", "II-9"},
        _with(
            ("access_ends = 2027-03-31", "access_ends = 2026-11-22"),
            ("valid_until = 2026-12-31", "valid_until = 2026-11-22"),
        ),
    ),
    "a contractor who ended and still has access": ({"II-9"}, _contractor_ended),
    "a contractor whom nobody told": ({"II-9"}, _with(("briefed_on = 2026-04-01", "briefed_on = 2026-12-01"))),
    "two skipped inspections": ({"II-10"}, _skipped),
    "a bad line in the checklist": ({"II-10"}, _acting(lambda office: _inspected(office, {1: True, 2: False}))),
    "a signing key that others read": ({"II-10"}, lambda s: _chmod(s.folder.parent / "keys" / "signing-key", 0o644)),
    "a site key that is gone": ({"II-10"}, lambda s: (s.vault / "site-key").unlink()),
    "a camera that ended and was not retired": ({"II-10"}, _with(RETIRED)),
    "a copy of a camera that has ended": ({"II-10"}, _copied_after_the_end),
    "a retired camera still in the rules": ({"II-10"}, _acting(lambda office: retire(office, "arcade", [], "sato"))),
    "a changed character in the rules": ({"III"}, _rewritten("鈴木 一郎", "鈴木 二郎")),
    "rules that nobody adopted": ({"III"}, lambda s: (s.folder / "site.adopted.json").unlink()),
    "a reference picture that was changed": ({"III"}, lambda s: (s.folder / "reference/gate.png").write_bytes(b"!")),
    "an adoption by a revoked key": ({"III"}, _revoked),
    "an act under strange rules": ({"III"}, _strange_rules),
    "rules that nobody was told": ({"III"}, _nobody_told),
}
"""What is wrong, the clauses under which it must be found, no more and no fewer, and how it comes about."""
