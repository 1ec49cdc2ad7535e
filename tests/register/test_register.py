from __future__ import annotations

import json
import os
import sqlite3
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from privmask.errors import CopyError, CopyExistsError, EvidenceError, PlanError, PolicyError
from privmask.register import ERASED, Draft, create_register, open_register, verify_register
from tests.register.made import DAY, NAME, POLICY, START, edited, make, note, request
from tests.test_imports import loaded_after


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "register" / "register.sqlite"


def test_what_was_recorded_is_read_again_in_its_order(path: Path) -> None:
    receipts = make(path, 5)
    with open_register(path) as register:
        entries = list(register.entries())
        assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
        assert [entry.entry_hash for entry in entries] == [receipt.entry_hash for receipt in receipts]
        assert entries[0].body == {"request_id": "R-1", "necessity": "自転車の盗難"}
        assert entries[0].value("requester.name") == NAME
        assert entries[1].value("handed_over.to") == "中央署"
        assert register.head() == receipts[-1]
        assert register.entry(3) == entries[2]
        assert [entry.seq for entry in register.entries(kind="view")] == [2, 4]
        assert [entry.seq for entry in register.entries(since=START + 4 * DAY)] == [4, 5]


def test_entries_of_a_kind_and_about_a_request_are_found_without_reading_all(path: Path) -> None:
    make(path, 9)
    with open_register(path) as register:
        told: list[str] = []
        register._connection.set_trace_callback(told.append)
        assert [each.seq for each in register.entries("request")] == [1, 3, 5, 7, 9]
        assert [each.seq for each in register.entries("request", after=3)] == [5, 7, 9]
        assert [each.seq for each in register.entries(about=("request_id", "R-4"))] == [4]
        assert list(register.entries("request", about=("request_id", "R-4"))) == []
        last, third = register.latest("request"), register.latest("request", ("request_id", "R-3"))
        assert (last and last.seq, third and third.seq) == (9, 3)
        assert third
        assert third.value("requester.name") == NAME
        assert register.latest("copy") is None
        assert register.latest("request", ("request_id", "R-4")) is None
        register._connection.set_trace_callback(None)
        (asked,) = [each for each in told if "DESC" in each and "= 'copy'" in each]
        plan = [row[3] for row in register._connection.execute(f"EXPLAIN QUERY PLAN {asked}")]
        assert plan == ["SEARCH entry USING INDEX entry_by_kind (<expr>=? AND rowid<?)"]


def test_words_that_look_like_a_number_of_a_request_find_nothing(path: Path) -> None:
    create_register(path, "honcho", START)
    with open_register(path) as register:
        for body in ({"necessity": '"request_id":"R-1"'}, {"inner": {"request_id": "R-1"}}, {"request_id": 'R-1"'}):
            register.append(Draft("request", "a", body, policy_sha256=POLICY), START)
        assert list(register.entries(about=("request_id", "R-1"))) == []
        assert register.latest("request", ("request_id", "R-1")) is None
        assert [each.seq for each in register.entries(about=("request_id", 'R-1"'))] == [3]


def test_more_entries_than_a_page_are_all_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.register.register._PAGE", 3)
    make(path, 8)
    with open_register(path) as register:
        assert [entry.seq for entry in register.entries()] == list(range(1, 9))


def test_an_empty_register_has_a_head_and_holds(path: Path) -> None:
    create_register(path, "honcho", START)
    with open_register(path) as register:
        assert (register.head().seq, register.head().at) == (0, START)
    assert verify_register(path) == []


def test_an_entry_is_what_the_formulas_say(path: Path) -> None:
    from hashlib import sha256

    make(path, 2)
    rows = sqlite3.connect(path).execute("SELECT * FROM entry ORDER BY seq").fetchall()
    before = "0" * 64
    for seq, body, body_sha256, prev_hash, entry_hash in rows:
        assert body_sha256 == sha256(body.encode()).hexdigest()
        assert prev_hash == before
        before = sha256(f"privmask.register.v2\n{seq}\n{prev_hash}\n{body_sha256}\n".encode()).hexdigest()
        assert entry_hash == before


def test_no_name_stands_in_a_body(path: Path) -> None:
    make(path, 1)
    ((body,),) = sqlite3.connect(path).execute("SELECT body FROM entry")
    assert NAME not in body
    assert len(json.loads(body)["personal"]["requester.name"]) == 64


def test_the_same_name_twice_cannot_be_told_from_two_names(path: Path) -> None:
    make(path, 3)
    rows = sqlite3.connect(path).execute("SELECT body FROM entry WHERE seq IN (1, 3)")
    first, second = (json.loads(body)["personal"]["requester.name"] for (body,) in rows)
    assert first != second


def test_a_draft_does_not_show_its_names(path: Path) -> None:
    make(path, 1)
    with open_register(path) as register:
        assert NAME not in repr(request()) + repr(register.entry(1))


@pytest.mark.parametrize(
    "draft",
    [
        Draft("gossip", "a", {}, policy_sha256=POLICY),
        Draft("view", " ", {}, policy_sha256=POLICY),
        Draft("view", "a", {}),
        Draft("view", "a", {"x": object()}, policy_sha256=POLICY),
        Draft("view", "a", {"x": float("nan")}, policy_sha256=POLICY),
        Draft("view", "a", {"x": "\udcff"}, policy_sha256=POLICY),
        Draft("view", "a", {"personal_before": "2026-04-01T00:00:00Z"}, policy_sha256=POLICY),
        Draft("view", "a", {}, {"Name": "x"}, POLICY, START),
        Draft("view", "a", {}, {"a\nb": "x"}, POLICY, START),
        Draft("view", "a", {}, {"name": "x"}, POLICY),
        Draft("view", "a", {}, {"name": "\udcff"}, POLICY, START),
        Draft("view", "a", {}, {}, POLICY, START),
        Draft("view", "a", {}, {"name": "x"}, POLICY, START.replace(tzinfo=None)),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_both_languages(path: Path, draft: Draft) -> None:
    create_register(path, "honcho", START)
    with open_register(path) as register:
        with pytest.raises(PlanError) as caught:
            register.append(draft, START)
        assert caught.value.text
        assert caught.value.text.ja != caught.value.text.en
        assert register.head().seq == 0


def test_a_time_without_a_zone_is_refused(path: Path) -> None:
    create_register(path, "honcho", START)
    with open_register(path) as register, pytest.raises(PlanError, match="no time zone"):
        register.append(note(), datetime(2026, 4, 1))


def test_a_clock_that_was_set_back_is_refused_unless_the_entry_says_so(path: Path) -> None:
    make(path, 2)
    with open_register(path) as register:
        with pytest.raises(PolicyError, match="set back"):
            register.append(note(), START)
        assert register.head().seq == 2
        said = Draft("inspection", "manager", {"clock_set_back": True}, policy_sha256=POLICY)
        assert register.append(said, START).at == START
        register.append(note(), START + timedelta(hours=1))
    assert verify_register(path) == []


def test_a_writer_that_waited_its_turn_gets_the_time_of_the_entry_before(path: Path) -> None:
    last = make(path, 1)[-1]
    with open_register(path) as register:
        assert register.append(note(), last.at - timedelta(seconds=20)).at == last.at
    assert verify_register(path) == []


def test_a_register_of_another_site_is_refused(path: Path) -> None:
    make(path, 1, site="honcho")
    with pytest.raises(PolicyError, match="honcho"):
        open_register(path, site="minato")
    open_register(path, site="honcho").close()


def test_nothing_is_ever_replaced(path: Path) -> None:
    make(path, 2)
    with pytest.raises(CopyExistsError):
        create_register(path, "minato", START)
    assert {*os.listdir(path.parent)} == {path.name, f"{path.name}.head"}
    assert verify_register(path) == []


def test_file_and_folder_are_the_owners_alone(path: Path) -> None:
    make(path, 1)
    with open_register(path) as register:
        register.append(note(), START + 9 * DAY)
        for name in os.listdir(path.parent):
            assert stat.S_IMODE(os.stat(path.parent / name).st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_register_that_others_may_read_is_not_opened(path: Path) -> None:
    make(path, 1)
    for place, mode in ((path, 0o640), (path.parent, 0o755)):
        before = stat.S_IMODE(place.stat().st_mode)
        place.chmod(mode)
        with pytest.raises(PolicyError, match=f"mode {mode:o}") as caught:
            open_register(path)
        assert caught.value.clause == "II-5"
        place.chmod(before)
    open_register(path).close()


def test_a_register_is_not_made_in_a_folder_that_others_may_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(PolicyError):
        create_register(tmp_path / "register.sqlite", "honcho", START)
    assert os.listdir(tmp_path) == []


def test_a_link_to_a_register_is_not_opened(path: Path) -> None:
    make(path, 1)
    (path.parent / "soft").symlink_to(path)
    with pytest.raises(PolicyError, match="links"):
        open_register(path.parent / "soft")
    (path.parent / "hard").hardlink_to(path)
    with pytest.raises(PolicyError, match="links"):
        open_register(path)


def test_what_is_no_register_is_said_so(path: Path) -> None:
    with pytest.raises(PlanError, match="no register"):
        open_register(path)
    path.parent.mkdir(mode=0o700)
    for content in (b"", b"not a database" * 100):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(EvidenceError):
            open_register(path)


def test_a_register_of_a_newer_privmask_is_refused(path: Path) -> None:
    make(path, 1)
    with edited(path) as connection:
        connection.execute("UPDATE meta SET value = 'privmask.register.v3' WHERE name = 'format'")
    with pytest.raises(PlanError, match="newer privmask"):
        open_register(path)


def test_a_register_without_its_guards_is_not_written_to(path: Path) -> None:
    make(path, 1)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER entry_is_not_edited")
    with pytest.raises(EvidenceError, match="entry_is_not_edited"):
        open_register(path)


def test_nothing_is_added_to_an_end_that_does_not_hold(path: Path) -> None:
    make(path, 2)
    with edited(path) as connection:
        connection.execute("UPDATE entry SET body = replace(body, 'R-2', 'R-9') WHERE seq = 2")
    with open_register(path) as register, pytest.raises(EvidenceError, match="entry 2"):
        register.append(note(), START + 9 * DAY)


FORBIDDEN = [
    "UPDATE entry SET body = 'x' WHERE seq = 1",
    "DELETE FROM entry WHERE seq = 3",
    "DELETE FROM entry",
    "REPLACE INTO entry SELECT * FROM entry WHERE seq = 1",
    "INSERT OR REPLACE INTO entry SELECT seq, 'x', body_sha256, prev_hash, entry_hash FROM entry WHERE seq = 3",
    "INSERT INTO entry SELECT 9, body, body_sha256, entry_hash, entry_hash FROM entry WHERE seq = 3",
    "INSERT INTO entry SELECT 4, body, body_sha256, prev_hash, entry_hash FROM entry WHERE seq = 3",
    "INSERT INTO entry (body, body_sha256, prev_hash, entry_hash) SELECT body, body_sha256, entry_hash, 'x' FROM entry",
    "UPDATE personal SET value = 'x'",
    "REPLACE INTO personal SELECT seq, field, salt, 'x', erase_after FROM personal WHERE seq = 3",
    "INSERT INTO personal SELECT 2, field, salt, value, erase_after FROM personal WHERE seq = 1",
    "DELETE FROM personal",
    "UPDATE meta SET value = 'minato' WHERE name = 'site'",
    "REPLACE INTO meta VALUES ('site', 'minato')",
    "DELETE FROM meta",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_whoever_opens_the_file_cannot_edit_it_with_sql(path: Path, statement: str) -> None:
    make(path, 3)
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="only added to"):
        connection.execute(statement)
    assert verify_register(path) == []


def test_personal_values_are_erased_when_they_are_due_and_the_chain_still_holds(path: Path) -> None:
    create_register(path, "honcho", START)
    with open_register(path) as register:
        for years in (1, 2, 3):
            register.append(request(years, years=years), START)
        now = START + 2 * 365 * DAY
        assert register.erase_personal(now, now, actor="manager", policy_sha256=POLICY) == 2
        assert [entry.value("requester.name") for entry in register.entries(kind="request")] == [ERASED, ERASED, NAME]
        recorded = register.entry(4)
        assert (recorded.kind, recorded.actor) == ("erasure", "manager")
        assert recorded.body == {"personal_before": "2028-03-31T00:00:00Z", "entries": 2, "values": 4}
        assert register.erase_personal(now, now, actor="manager", policy_sha256=POLICY) == 0
        assert register.head().seq == 4
    assert verify_register(path) == []


def test_personal_values_are_not_erased_before_their_time(path: Path) -> None:
    make(path, 1)
    with open_register(path) as register, pytest.raises(PolicyError) as caught:
        register.erase_personal(START + 9000 * DAY, START + DAY, actor="manager", policy_sha256=POLICY)
    assert caught.value.clause == "II-7(2)"
    assert verify_register(path) == []


def test_an_erasure_that_another_reader_hinders_says_so_and_is_completed_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.register.schema.WAIT_SECONDS", 0.1)
    make(path, 1)
    now = START + 9000 * DAY
    with open_register(path) as register:
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchone()
        with pytest.raises(CopyError, match="erase once more"):
            register.erase_personal(now, now, actor="manager", policy_sha256=POLICY)
        reader.close()
        assert register.erase_personal(now, now, actor="manager", policy_sha256=POLICY) == 0
        assert os.stat(f"{path}-wal").st_size == 0
    assert verify_register(path) == []


def test_the_register_is_read_without_the_vault_s_cryptography() -> None:
    assert loaded_after("import privmask.register").isdisjoint({"pyrage", "pydantic", "cryptography", "numpy", "typer"})
