"""II-7: without its evidence no ground holds, and every field that is missing is named."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Iterator
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import PolicyError
from privmask.policy import Ground, ground_of, missing_fields, read_request, required_fields

COMMON: dict[str, Any] = {
    "request_id": "r-2026-001",
    "received_at": "2026-11-20T10:00:00+09:00",
    "requester": {"name": "高橋 三郎", "affiliation": "中央警察署", "contact": "000-000-0110"},
    "identity": {"document_kind": "警察手帳", "checked_by": "suzuki", "checked_at": "2026-11-20T10:05:00+09:00"},
    "cameras": ["gate"],
    "from": "2026-11-19T21:00:00+09:00",
    "to": "2026-11-19T22:00:00+09:00",
    "necessity": "自転車盗の被疑者の逃走経路の確認",
    "kind": "provide",
}
EVIDENCE: dict[Ground, dict[str, Any]] = {
    Ground.LAW_BASED: {
        "ground": "law_based",
        "statute": "刑事訴訟法第218条第1項",
        "document_kind": "差押許可状",
        "document_number": "令和8年（る）第123号",
        "document_date": "2026-11-19",
        "issuer": "○○簡易裁判所",
        "original_seen_by": "sato",
    },
    Ground.EMERGENCY: {
        "ground": "emergency",
        "danger_to": "life",
        "why_urgent": "行方不明の子どもの捜索",
        "decided_by": "sato",
        "decided_at": "2026-11-20T10:10:00+09:00",
        "review_due": "2026-11-27",
    },
    Ground.INVESTIGATION: {
        "ground": "investigation",
        "agency": "○○県中央警察署",
        "officer": {"rank": "巡査部長", "name": "高橋 三郎"},
        "document_kind": "捜査関係事項照会書",
        "document_number": "中央刑発第45号",
        "original_received_on": "2026-11-20",
        "callback_verified_at": "2026-11-20T11:00:00+09:00",
        "case": "自転車盗",
    },
    Ground.SUBJECT: {
        "ground": "subject",
        "kind": "self",
        "subject_identified_how": "来所した本人の服装及び時刻と画像との照合",
        "consent_on": "2026-11-20",
        "third_persons_reviewed_by": "suzuki",
    },
}
GROUNDS = list(Ground)


def request_on(ground: Ground) -> dict[str, Any]:
    return copy.deepcopy({**COMMON, "evidence": EVIDENCE[ground]})


def paths(ground: Ground) -> list[str]:
    return [path for path, _ in required_fields(ground)]


def without(data: dict[str, Any], missing: Iterable[str]) -> dict[str, Any]:
    for path in missing:
        *tables, last = path.split(".")
        table = data
        for name in tables:
            table = table[name]
        del table[last]
    return data


def subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, count) for count in range(1, len(names) + 1))


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_request_with_all_its_evidence_is_read(ground: Ground) -> None:
    request = read_request(request_on(ground))
    assert request.ground is ground
    assert request.start.utcoffset() is not None
    assert read_request(request.as_data()) == request


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_subset_of_missing_evidence_is_named_and_refused(ground: Ground) -> None:
    own = [path for path in paths(ground) if path.startswith("evidence.") and path != "evidence.ground"]
    for missing in subsets(own):
        data = without(request_on(ground), missing)
        assert [path for path, _ in missing_fields(data)] == list(missing)
        with pytest.raises(PolicyError) as refusal:
            read_request(data)
        assert refusal.value.clause == "II-7(1)"
        assert all(path in str(refusal.value) for path in missing)


@given(ground=st.sampled_from(GROUNDS), drawn=st.data())
def test_any_subset_of_missing_fields_is_named_and_refused(ground: Ground, drawn: st.DataObject) -> None:
    fields = [path for path in paths(ground) if path != "evidence.ground"]
    missing = drawn.draw(st.sets(st.sampled_from(fields), min_size=1))
    data = without(request_on(ground), missing)
    assert {path for path, _ in missing_fields(data)} == missing
    with pytest.raises(PolicyError):
        read_request(data)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("blank", ["", " ", "　", None])
def test_a_blank_is_a_missing_field(ground: Ground, blank: str | None) -> None:
    for path in paths(ground):
        if path != "evidence.ground":
            data = request_on(ground)
            *tables, last = path.split(".")
            table = data
            for name in tables:
                table = table[name]
            table[last] = blank
            assert [each for each, _ in missing_fields(data)] == [path]


@pytest.mark.parametrize("table", ["requester", "identity", "evidence"])
def test_a_missing_table_is_told_field_by_field(table: str) -> None:
    data = request_on(Ground.SUBJECT)
    del data[table]
    found = [path for path, _ in missing_fields(data)]
    assert found
    assert all(path.startswith(f"{table}.") for path in found)


@pytest.mark.parametrize("ground", ["other", "", "curiosity", 5, None, ["subject"]])
def test_there_is_no_other_ground(ground: object) -> None:
    data = request_on(Ground.SUBJECT)
    data["evidence"]["ground"] = ground
    assert ground_of(data) is None
    with pytest.raises(PolicyError) as refusal:
        read_request(data)
    assert refusal.value.clause in ("II-7(1)", "II-7(2)")


def test_every_field_has_a_name_in_both_languages() -> None:
    for ground in GROUNDS:
        for path, word in required_fields(ground):
            assert word.ja, path
            assert word.en, path
            assert not word.ja.isascii(), path


WRONG = [
    (Ground.INVESTIGATION, "evidence.document_number", "なし"),
    (Ground.INVESTIGATION, "evidence.document_number", "\uff0d"),
    (Ground.INVESTIGATION, "evidence.document_number", "不明"),
    (Ground.LAW_BASED, "evidence.document_number", "n/a"),
    (Ground.LAW_BASED, "evidence.statute", "なし"),
    (Ground.SUBJECT, "identity.document_kind", "運転免許証 第301234567890号"),
    (Ground.SUBJECT, "received_at", "2026-11-20T10:00:00"),
    (Ground.SUBJECT, "received_at", 1_700_000_000),
    (Ground.SUBJECT, "from", "yesterday"),
    (Ground.SUBJECT, "to", "2026-11-19T21:00:00+09:00"),
    (Ground.SUBJECT, "from", "2026-11-21T21:00:00+09:00"),
    (Ground.SUBJECT, "kind", "lend"),
    (Ground.SUBJECT, "cameras", "gate"),
    (Ground.SUBJECT, "cameras", ["Gate 1"]),
    (Ground.SUBJECT, "evidence.kind", "maybe"),
    (Ground.EMERGENCY, "evidence.danger_to", "reputation"),
    (Ground.EMERGENCY, "evidence.review_due", "2026-11-19"),
    (Ground.EMERGENCY, "evidence.decided_at", "2026-11-20T10:10"),
    (Ground.INVESTIGATION, "evidence.original_received_on", "2026-11-21"),
    (Ground.LAW_BASED, "evidence.document_date", "2026-11-21"),
]


@pytest.mark.parametrize(("ground", "path", "value"), WRONG)
def test_evidence_that_proves_nothing_or_contradicts_is_refused(ground: Ground, path: str, value: object) -> None:
    data = request_on(ground)
    *tables, last = path.split(".")
    table = data
    for name in tables:
        table = table[name]
    table[last] = value
    with pytest.raises(PolicyError) as refusal:
        read_request(data)
    assert refusal.value.text is not None
    assert refusal.value.text.ja != refusal.value.text.en


def test_a_scan_or_the_number_of_an_identity_has_no_place() -> None:
    for extra in ("document_number", "scan", "photo"):
        data = request_on(Ground.SUBJECT)
        data["identity"][extra] = "AB1234567"
        with pytest.raises(PolicyError, match=rf"identity\.{extra}") as refusal:
            read_request(data)
        assert "AB1234567" not in str(refusal.value)


def test_a_misspelt_field_of_a_ground_is_told_with_the_right_one() -> None:
    data = request_on(Ground.INVESTIGATION)
    data["evidence"]["agnecy"] = "x"
    with pytest.raises(PolicyError, match=r"evidence\.agnecy: .*did you mean 'agency'"):
        read_request(data)


def test_no_refusal_names_the_requester() -> None:
    for ground in GROUNDS:
        data = request_on(ground)
        del data["necessity"]
        with pytest.raises(PolicyError) as refusal:
            read_request(data)
        assert "高橋" not in str(refusal.value) + refusal.value.text.ja  # type: ignore[union-attr]


def test_each_ground_names_an_article_of_the_law() -> None:
    assert all("条" in ground.article.ja and "article" in ground.article.en for ground in Ground)


JUNK: list[object] = [
    None,
    "",
    "x",
    5,
    -1,
    1.5,
    float("nan"),
    True,
    [],
    {},
    [[]],
    {"a": 1},
    "2026-11-20",
    "\x00",
    "要記入",
    "x" * 5000,
    ["gate", 5],
]


@given(
    ground=st.sampled_from(GROUNDS),
    drawn=st.data(),
    tables=st.sampled_from([None, "requester", "identity", "evidence"]),
)
def test_whatever_a_request_holds_it_is_read_or_refused(
    ground: Ground, drawn: st.DataObject, tables: str | None
) -> None:
    data = request_on(ground)
    table = data if tables is None else data[tables]
    table[drawn.draw(st.sampled_from(sorted(table)))] = drawn.draw(st.sampled_from(JUNK))
    with contextlib.suppress(PolicyError):
        assert read_request(data).ground is ground
