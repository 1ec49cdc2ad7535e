"""site.toml: what stands, what does not, and that every complaint says where."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import PlanError, PolicyError
from privmask.policy import Complaint, Site, check_site, load_site, policy_hash, site_from
from tests.policy.sites import GOOD, NOON, line_of, site_text

Change = tuple[str, str]


def errors(*changes: Change, at: datetime | None = None) -> list[Complaint]:
    return [each for each in check_site(site_text(*changes), at) if each.severity == "error"]


def warnings(*changes: Change, at: datetime | None = None) -> list[Complaint]:
    return [each for each in check_site(site_text(*changes), at) if each.severity == "warning"]


def good() -> Site:
    return site_from(site_text())


def test_good_rules_stand_on_their_day() -> None:
    assert errors(at=NOON) == []
    site = site_from(site_text(), at=NOON)
    assert [camera.id for camera in site.cameras] == ["gate", "arcade"]
    assert site.retention.copies_days == 30
    assert site.scope.applies
    assert site.files == ("reference/gate.png",)


WRONG: list[tuple[str, list[Change], str, str, str | None]] = [
    # what, the change, the place of the one complaint, a word of its Japanese, the clause
    ("no retention", [("copies_days = 30\n", "")], "retention.copies_days", "複写の保存日数", "II-6(3)"),
    ("no register years", [("register_years = 5\n", "")], "retention.register_years", "台帳の保存年数", "II-6(3)"),
    ("a text for a number", [("copies_days = 30", 'copies_days = "30"')], "retention.copies_days", "整数", "II-6(3)"),
    ("half days", [("copies_days = 30", "copies_days = 30.5")], "retention.copies_days", "30.5", "II-6(3)"),
    ("no days", [("copies_days = 30", "copies_days = 0")], "retention.copies_days", "小さすぎます", "II-6(3)"),
    (
        "not filled in",
        [("copies_days = 30", 'copies_days = "要記入：x"')],
        "retention.copies_days",
        "まだ記入",
        "II-6(3)",
    ),
    ("a boolean in words", [("recording = true", 'recording = "yes"')], "scope.recording", "true か false", "I-2"),
    ("no purpose", [('[[purpose]]\nid = "crime-prevention"\ntext', "#")], "purpose", "設置目的", "II-1"),
    ("an empty text", [('text = "道路', 'text = " "\n#')], "purpose[1].text", "空欄", "II-1"),
    (
        "no zone of the camera",
        [('nothing_private = "通路', "#")],
        "camera[2].zone",
        "私的空間が示されていません",
        "II-2",
    ),
    (
        "private and not private",
        [('id = "gate"', 'id = "gate"\nnothing_private = "x"')],
        "camera[1].zone",
        "どれか1つ",
        "II-2",
    ),
    ("two corners", [("[[192, 216], [576, 216],", "[[192, 216],")], "camera[1].zone[1].polygon", "3個以上", "II-2"),
    ("half a corner", [("[576, 216],", "[576],")], "camera[1].zone[1].polygon[2]", "2つの数", "II-2"),
    ("a zone twice", [('"building-site"', '"neighbour-window"')], "camera[1].zone[2].token", "同じ記号", "II-2"),
    ("a way to see through", [('type = "Color"', 'type = "Glass"')], "camera[1].zone[1].type", "Glass", "II-2"),
    (
        "a path that leads out",
        [('picture = "reference/gate.png"', 'picture = "../gate.png"')],
        "camera[1].reference.picture",
        "相対パス",
        "II-2",
    ),
    (
        "no time zone",
        [("10:00:00+09:00", "10:00:00")],
        "camera[1].reference.taken_at",
        "タイムゾーン",
        "II-2",
    ),
    ("an unknown place on earth", [('"Asia/Tokyo"', '"Asia/Tokio"')], "site.timezone", "時間帯", "III"),
    ("no time zone of the site", [('timezone = "Asia/Tokyo"\n', "")], "site.timezone", "時間帯", "III"),
    (
        "in force before established",
        [("= 2026-04-01\n\n[inst", "= 2026-03-01\n\n[inst")],
        "site.effective_on",
        "制定日",
        "III",
    ),
    ("nobody is manager", [('roles = ["manager"]', 'roles = ["operator"]')], "person", "管理責任者", "II-4"),
    ("an unknown role", [('roles = ["manager"]', 'roles = ["boss"]')], "person[1].roles[1]", "boss", "II-4"),
    ("an id in capitals", [('id = "suzuki"', 'id = "Suzuki"')], "person[2].id", "半角", "II-4"),
    ("one id for two people", [('id = "suzuki"', 'id = "sato"')], "person[2].id", "person[1]", "II-7(2)"),
    ("one id for a camera and a person", [('id = "gate"', 'id = "sato"')], "camera[1].id", "person[1]", "II-7(2)"),
    ("one camera twice", [('id = "arcade"', 'id = "gate"')], "camera[2].id", "camera[1]", "II-7(2)"),
    (
        "a term that ends before it begins",
        [("valid_until = 2027-03-31", "valid_until = 2026-03-31")],
        "person[1].valid_until",
        "前",
        "II-4",
    ),
    (
        "a pledge after the term",
        [("pledged_on = 2026-04-01", "pledged_on = 2027-04-01")],
        "person[1].pledged_on",
        "後",
        "II-5",
    ),
    (
        "an unknown contractor",
        [('contractor = "maint', 'contractor = "xmaint')],
        "person[3].contractor",
        "xmaint",
        "II-9",
    ),
    (
        "somebody who outlives the contract",
        [("valid_until = 2026-12-31", "valid_until = 2027-12-31")],
        "person[3].valid_until",
        "委託先",
        "II-9",
    ),
    (
        "access that ends before the briefing",
        [("briefed_on = 2026-04-01", "briefed_on = 2027-04-01")],
        "contractor[1].access_ends",
        "徹底した日",
        "II-9",
    ),
    (
        "a camera retired before it was there",
        [("installed_on = 2026-04-01\nframe", "installed_on = 2026-04-01\nretired_on = 2026-03-31\nframe")],
        "camera[1].retired_on",
        "設置日",
        "II-10",
    ),
    (
        "a zone that ends before it begins",
        [("valid_until = 2026-09-30", "valid_until = 2026-05-30")],
        "camera[1].zone[2].valid_until",
        "前",
        "II-2",
    ),
    (
        "two cameras in one place",
        [
            ("アーケード南口 梁（地上5m）", "中央通り北口 街路灯3号柱（地上4.5m）"),
            ("アーケード内の通路、南口から北へ約30m", "中央通りの車道及び歩道、北口から南へ約40m"),
        ],
        "camera[2].place",
        "二重",
        "II-2",
    ),
    (
        "on the Internet without a measure",
        [('measures = ["ウイルス対策ソフトウェアの使用", "初期パスワードの変更"]', "measures = []")],
        "network.measures",
        "防止措置",
        "II-6(6)",
    ),
    (
        "a number on an identity",
        [('"旅券"', '"旅券 TK1234567"')],
        "disclosure.identity_documents[2]",
        "番号",
        "II-7(2)",
    ),
    (
        "no checklist",
        [('checklist = ["カメラ', 'checklist = []\n#["カメラ')],
        "inspection.checklist",
        "1個以上",
        "II-10",
    ),
    ("a key that is none", [('title = "理事長"', 'key = "SHA256:abc"')], "person[1].key", "指紋", "II-4"),
]


@pytest.mark.parametrize(("what", "changes", "place", "word", "clause"), WRONG, ids=[each[0] for each in WRONG])
def test_each_mistake_is_told_once_with_its_place_and_clause(
    what: str, changes: list[Change], place: str, word: str, clause: str | None
) -> None:
    (found,) = errors(*changes)
    assert (found.place, found.clause) == (place, clause), what
    assert word in found.text.ja
    assert found.text.ja != found.text.en
    with pytest.raises(PlanError) as refusal:
        site_from(site_text(*changes))
    assert refusal.value.text is not None
    assert word in refusal.value.text.ja


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (("copies_days = 30", 'copies_days = "30"'), 'copies_days = "30"'),
        (("[576, 216],", "[576],"), "polygon = [[192"),
        (('id = "arcade"', 'id = "gate"'), 'id = "gate"\nplace = "アーケード'),
        (("10:00:00+09:00", "10:00:00"), "reference ="),
        (("copies_days = 30\n", ""), "[retention]"),
        (('type = "Color"', 'type = "Glass"'), "type ="),
        (("valid_until = 2026-09-30", "valid_until = 2026-05-30"), "valid_until = 2026-05-30"),
        (("copies_days = 30", "copies_days = "), "copies_days = "),
    ],
)
def test_a_complaint_names_the_line(change: Change, part: str) -> None:
    text = site_text(change)
    (found,) = errors(change)
    assert found.line == line_of(part, text)
    assert found.sentence.ja.startswith(f"{found.line}行目")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines() -> None:
    found = errors(
        ("copies_days = 30", "copies_days = 0"), ('id = "gate"', 'id = "Gate"'), ("public_place = true\n", "")
    )
    assert [each.place for each in found] == ["scope.public_place", "camera[1].id", "retention.copies_days"]


def test_an_unknown_key_is_refused_with_the_key_that_was_meant() -> None:
    found = errors(("copies_days = 30", "copy_days = 30"))
    assert {each.place for each in found} == {"retention.copies_days", "retention.copy_days"}
    assert any("copies_days" in each.text.en and "did you mean" in each.text.en for each in found)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "format"),
        (site_text(("site.v1", "site.v2")), "新しい版"),
        (site_text(("privmask.site.v1", "privmask.plan.v1")), "知りません"),
        (site_text(('format = "privmask.site.v1"', "format = 1")), "知りません"),
        (GOOD.encode("shift_jis", "replace"), "UTF-8"),
        (GOOD.encode("utf-16"), "UTF-8"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "UTF-8"),
        (b"[site\n", "TOML"),
        (b"x = " + b"[" * 100_000, "TOML"),
        (b'format = "privmask.site.v1"\n' + b"#" * (1 << 20), "1 MiB"),
    ],
    ids=["empty", "newer", "plan", "number", "shift-jis", "utf-16", "png", "no TOML", "brackets", "huge"],
)
def test_what_is_no_site_file_is_refused_in_one_sentence(text: bytes, word: str) -> None:
    (found,) = check_site(text)
    assert word in found.sentence.ja
    assert found.severity == "error"


def test_a_newer_format_says_that_privmask_is_old() -> None:
    (found,) = check_site(b'format = "privmask.site.v12"\nnew = 1\n')
    assert (found.place, found.line) == ("format", 1)
    assert "newer privmask" in found.text.en


def test_a_byte_order_mark_and_lines_of_windows_change_nothing() -> None:
    text = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert [each for each in check_site(text, NOON) if each.severity == "error"] == []
    (found,) = [
        each for each in check_site(text.replace(b"copies_days = 30", b"copies_days = 0")) if each.severity == "error"
    ]
    assert found.line == line_of("copies_days = 30")


def test_outside_the_guideline_is_said_and_no_mistake() -> None:
    text = site_text(("public_place = true", "public_place = false"))
    assert errors(("public_place = true", "public_place = false")) == []
    assert not site_from(text).scope.applies


def test_long_retention_is_a_warning_only() -> None:
    (found,) = [each for each in warnings(("copies_days = 30", "copies_days = 32")) if "retention" in each.place]
    assert (found.place, found.clause) == ("retention.copies_days", "II-6(3)")
    assert not [each for each in warnings(("copies_days = 30", "copies_days = 31")) if "retention" in each.place]


def test_a_manager_whose_time_is_over_is_a_mistake_on_that_day_only() -> None:
    later = datetime(2027, 4, 1, 3, 0, tzinfo=UTC)
    assert errors() == []
    found = {each.place: each.text.ja for each in errors(at=later)}
    assert set(found) == {"person"}
    assert "2027-04-01" in found["person"]


def test_the_last_day_ends_at_midnight_of_the_site() -> None:
    last = datetime(2027, 3, 31, 14, 59, tzinfo=UTC)  # 23:59 at the site
    assert good().actor("sato", last, "manager").id == "sato"
    with pytest.raises(PolicyError, match="valid from") as refusal:
        good().actor("sato", datetime(2027, 3, 31, 15, 0, tzinfo=UTC))
    assert refusal.value.clause == "II-4"


@pytest.mark.parametrize(
    ("who", "role", "changes", "at", "clause"),
    [
        ("nobody", None, [], NOON, "II-4"),
        ("suzuki", "manager", [], NOON, "II-4"),
        ("sato", "operator", [], NOON, "II-4"),
        ("suzuki", None, [], datetime(2026, 3, 31, tzinfo=UTC), "II-4"),
        ("suzuki", None, [], datetime(2027, 4, 1, tzinfo=UTC), "II-4"),
        ("sato", None, [("pledged_on = 2026-04-01", "pledged_on = 2026-11-24")], NOON, "II-5"),
        ("tanaka", None, [("briefed_on = 2026-04-01", "briefed_on = 2026-11-24")], NOON, "II-9"),
    ],
)
def test_who_may_not_act_is_refused_with_the_clause(
    who: str, role: str | None, changes: list[Change], at: datetime, clause: str
) -> None:
    site = site_from(site_text(*changes))
    with pytest.raises(PolicyError) as refusal:
        site.actor(who, at, role)  # type: ignore[arg-type]
    assert refusal.value.clause == clause
    assert refusal.value.text is not None
    assert who in refusal.value.text.ja
    assert "佐藤" not in str(refusal.value)


def test_who_may_act_is_the_person() -> None:
    assert good().actor("tanaka", NOON, "operator").contractor == "maintenance"


def test_a_time_without_a_zone_is_no_time() -> None:
    with pytest.raises(ValueError, match="zone"):
        good().day(datetime(2026, 11, 23))


def test_the_zones_of_a_day_are_those_that_hold_on_it() -> None:
    camera = good().camera("gate")
    plan = camera.plan_data(date(2026, 7, 1), date(2026, 7, 1))
    assert plan is not None
    assert [mask["token"] for mask in plan["mask"]] == ["neighbour-window", "building-site"]
    plan = camera.plan_data(date(2026, 11, 23), date(2026, 11, 23))
    assert plan is not None
    assert [mask["token"] for mask in plan["mask"]] == ["neighbour-window"]
    assert good().camera("arcade").plan_data(date(2026, 7, 1), date(2026, 7, 1)) is None


def test_a_recording_over_midnight_takes_the_zones_of_both_days() -> None:
    plan = good().camera("gate").plan_data(date(2026, 9, 30), date(2026, 10, 1))
    assert plan is not None
    assert len(plan["mask"]) == 2


def test_an_unknown_camera_is_refused() -> None:
    with pytest.raises(PolicyError, match="yard"):
        good().camera("yard")


def test_the_hash_is_that_of_the_bytes() -> None:
    assert policy_hash(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_file_is_named_in_each_complaint(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(site_text(("copies_days = 30", "copies_days = 0")))
    with pytest.raises(PlanError) as refusal:
        load_site(path)
    assert str(refusal.value).startswith(f"{path}: line ")


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "site.toml"
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(PlanError, match=r"site\.toml"):
        load_site(path)


def test_names_of_people_stand_in_no_complaint() -> None:
    broken = (("valid_until = 2027-03-31", "valid_until = 2026-03-31"), ('id = "suzuki"', 'id = "sato"'))
    said = "".join(each.text.ja + each.text.en for each in check_site(site_text(*broken), NOON))
    assert said
    assert not any(name in said for name in ("佐藤", "鈴木", "田中"))


VALUES = [
    "1", "-1", "1e999999999", "nan", "true", '""', '"x"', "[]", "[[]]", "{}", "{ a = 1 }", "2026-04-01", "07:00:00",
    "2026-04-01T10:00:00", "2026-04-01T10:00:00Z", "[1, 2]", '"\\u0000"', '"要記入"', "9" * 400, '["a", 1]', "0001-01-01",
    "9999-12-31",
]  # fmt: skip


@given(
    changes=st.lists(
        st.tuples(st.integers(0, GOOD.count("\n") - 1), st.sampled_from(["gone", "twice", *VALUES])),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_the_values_are_there_is_an_answer_and_no_fault(changes: list[tuple[int, str]]) -> None:
    lines = GOOD.split("\n")
    for number, what in changes:
        line = lines[number]
        if what == "gone":
            lines[number] = ""
        elif what == "twice":
            lines[number] = f"{line}\n{line}"
        elif " = " in line:
            lines[number] = f"{line.split(' = ')[0]} = {what}"
    text = "\n".join(lines).encode()
    for each in check_site(text, NOON):
        assert each.text.ja
        assert each.text.en
        assert each.sentence.ja.isprintable()


@given(st.binary(max_size=200), st.integers(0, 3000))
def test_whatever_the_bytes_are_there_is_an_answer_and_no_fault(piece: bytes, at: int) -> None:
    good = site_text()
    assert isinstance(check_site(good[:at] + piece + good[at + len(piece) :], NOON), list)


def test_a_time_is_no_day() -> None:
    (found,) = errors(("posted_on = 2026-04-01", "posted_on = 2026-04-01T00:00:00"))
    assert (found.place, "日付" in found.text.ja) == ("sign.posted_on", True)


def test_the_rules_are_plain_data_under_the_names_of_the_file() -> None:
    data = good().as_data()
    assert data["camera"][0]["zone"][0]["polygon"][0] == [192, 216]
    assert json.loads(json.dumps(data)) == data
