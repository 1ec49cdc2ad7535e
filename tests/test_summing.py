"""I-1: the public summary counts what the register holds, and names nobody."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from privmask.office import REGISTER, open_office
from privmask.policy import Ground
from privmask.summing import Summary, summarise, summary_page, summary_text
from tests.staging import AT, DAY, NAME, approved, kept_copy
from tests.violations import good, provided

SQL = {
    "copies": "kind = 'copy'",
    "exceptions": "kind = 'exception'",
    "erasures": "kind = 'erasure' AND json_extract(body, '$.body.copy_id') IS NOT NULL",
    "own_views": "kind = 'view' AND json_extract(body, '$.body.request_id') IS NULL",
    "refusals": "kind = 'refusal'",
    "complaints": "kind = 'complaint' AND json_extract(body, '$.body.answered_at') IS NULL",
    "answers": "kind = 'complaint' AND json_extract(body, '$.body.answered_at') IS NOT NULL",
    "leaks": "kind = 'leak'",
    "inspections": "kind = 'inspection'",
}
ON_GROUND = {
    "requests": "kind = 'request'",
    "approved": "json_extract(body, '$.body.decision.outcome') = 'approved'",
    "refused": "json_extract(body, '$.body.decision.outcome') = 'refused'",
    "views": "kind = 'view'",
    "provisions": "kind = 'provision'",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = good(tmp_path / "site").site
    with open_office(site, AT + 2 * DAY) as office:
        id = approved(office, Ground.LAW_BASED)
        provided(office, id, kept_copy(office, id))
    return site


def summary(site: Path, first: date, last: date) -> Summary:
    with open_office(site, AT + 10 * DAY) as office:
        return summarise(office.site, list(office.register.entries()), office.register.head(), first, last)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-11-23", "2026-11-23"), ("2026-11-24", "2026-12-01"), ("2026-01-01", "2026-12-31")]
)
def test_i_1_the_counts_are_those_that_sql_finds(site: Path, first: str, last: str) -> None:
    found = summary(site, date.fromisoformat(first), date.fromisoformat(last))
    connection = sqlite3.connect(site.parent / REGISTER)
    connection.execute(
        "CREATE TEMP VIEW e AS SELECT seq, json_extract(body, '$.kind') AS kind, body,"
        " json_extract(body, '$.body.request_id') AS request,"
        " date(json_extract(body, '$.at'), '+9 hours') AS day FROM entry"
    )

    def count(condition: str) -> int:
        query = f"SELECT count(*) FROM e WHERE day BETWEEN '{first}' AND '{last}' AND {condition}"
        return int(connection.execute(query).fetchone()[0])

    counts = {each.key: each.count for each in found.counts}
    at_rest = (
        f"SELECT (SELECT count(*) FROM e WHERE kind = 'copy' AND day <= '{last}')"
        f" - (SELECT count(*) FROM e WHERE kind = 'erasure' AND day <= '{last}')"
    )
    assert counts.pop("at_rest") == connection.execute(at_rest).fetchone()[0]
    assert counts == {key: count(condition) for key, condition in SQL.items()}
    for ground, of_ground in found.by_ground.items():
        ids = (
            "SELECT request FROM e AS r WHERE r.kind = 'request'"
            f" AND json_extract(r.body, '$.body.evidence.ground') = '{ground}'"
        )
        assert {each.key: each.count for each in of_ground} == {
            key: count(f"{condition} AND request IN ({ids})") for key, condition in ON_GROUND.items()
        }
    connection.close()


def test_what_happened_is_counted_on_its_own_day(site: Path) -> None:
    law = summary(site, date(2026, 11, 25), date(2026, 11, 25)).by_ground[Ground.LAW_BASED]
    assert {each.key: each.count for each in law} == {
        "requests": 1, "approved": 1, "refused": 0, "views": 0, "provisions": 1,
    }  # fmt: skip
    assert not any(
        each.count for each in summary(site, date(2026, 11, 24), date(2026, 11, 24)).by_ground[Ground.LAW_BASED]
    )


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_person_is_in_the_summary_in_either_language(site: Path, language: str) -> None:
    found = summary(site, date(2026, 1, 1), date(2026, 12, 31))
    html = summary_page(found, language).decode()  # type: ignore[arg-type]
    text = summary_text(found, language)  # type: ignore[arg-type]
    people = [word for person in found.site.people for word in (person.id, person.name)]
    for written in (html, text):
        assert not any(word in written for word in (NAME, "高橋", "000-000", *people))
        assert found.head.entry_hash in written
        assert found.site.cameras[0].place in written
    assert f'<html lang="{language}">' in html
    assert "<script" not in html
    assert ("適合を証明するものではありません" in text) == (language == "ja")
    assert re.search(r"Copies made: \d|作成した複写: \d", text)


def test_days_are_those_of_the_site(site: Path) -> None:
    with open_office(site, datetime(2026, 11, 29, 15, 30, tzinfo=UTC)) as office:
        office.record("leak", "suzuki", {"happened": "lost"})
    for day, leaks in ((29, 0), (30, 1)):
        found = summary(site, date(2026, 11, day), date(2026, 11, day))
        assert [each.count for each in found.counts if each.key == "leaks"] == [leaks]
