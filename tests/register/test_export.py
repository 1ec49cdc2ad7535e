from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

from privmask.register import Draft, create_register, open_register
from privmask.register.export import export_csv, export_html
from tests.register.made import DAY, POLICY, START

AT = START + 400 * DAY
BODY: dict[str, object] = {
    "request_id": "R-1",
    "received_at": "2026-04-01T09:00:00+09:00",
    "identity": {"document_kind": "警察手帳", "checked_by": "operator-1", "checked_at": "2026-04-01T09:10:00+09:00"},
    "evidence": {"ground": "investigation"},
    "necessity": "自転車盗の捜査のため",
    "cameras": ["gate", "back"],
    "from": "2026-03-31T18:00:00+09:00",
    "to": "2026-03-31T19:00:00+09:00",
}
DECIDED = {"outcome": "approved", "by": "manager-1", "at": "2026-04-01T10:00:00+09:00", "reason": "必要性を認める"}
HANDED = {"at": "2026-04-02T09:00:00+09:00", "to": "中央警察署 刑事課", "medium": "DVD-R"}
PERSONAL = {"requester.name": "山田 太郎", "requester.affiliation": "中央警察署", "requester.contact": "03-0000-0000"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A request that was provided, one that was refused, and one that was not decided."""
    path = tmp_path / "r" / "register.sqlite"
    create_register(path, "honcho", START)
    copies = [{"sha256": "ab" * 32}]
    told: list[tuple[str, dict[str, object], dict[str, str]]] = [
        ("request", BODY, PERSONAL),
        ("decision", {"request_id": "R-1", "decision": DECIDED}, {}),
        ("provision", {"request_id": "R-1", "handed_over": HANDED, "copies": copies, "keep_until": "2027-04-02"}, {}),
        ("request", {**BODY, "request_id": "R-2"}, {**PERSONAL, "requester.name": "=cmd|' /C calc'!A0"}),
        (
            "refusal",
            {"request_id": "R-2", "decision": {**DECIDED, "outcome": "refused", "reason": "<b>書面なし</b>"}},
            {},
        ),
        ("view", {"request_id": "R-1", "handed_over": {**HANDED, "medium": "画面"}}, {}),
        ("request", {**BODY, "request_id": "R-3"}, PERSONAL),
        ("erasure", {"request_id": "R-1"}, {}),
    ]
    with open_register(path) as register:
        for number, (kind, body, personal) in enumerate(told):
            end = START + 365 * DAY if personal else None
            register.append(Draft(kind, "operator-1", body, personal, POLICY, end), START + number * timedelta(hours=1))
    return path


def table(path: Path) -> list[dict[str, str]]:
    with open_register(path) as register:
        text = export_csv(register).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def page(path: Path) -> str:
    with open_register(path) as register:
        return export_html(register, AT).decode()


def test_there_is_one_row_for_each_view_provision_and_refusal(path: Path) -> None:
    assert [(row["記載番号"], row["区分"]) for row in table(path)] == [("3", "提供"), ("5", "拒否"), ("6", "閲覧")]


def test_a_row_says_all_that_the_guideline_wants_recorded(path: Path) -> None:
    row = table(path)[0]
    assert row["氏名"] == "山田 太郎"
    assert (row["確認書類"], row["確認者"], row["確認日時"]) == ("警察手帳", "operator-1", "2026-04-01 09:10")
    assert (row["提供の根拠"], row["必要性"]) == ("捜査機関等から求められた場合", "自転車盗の捜査のため")
    assert (row["カメラ"], row["始まり"], row["終わり"]) == ("gate、back", "2026-03-31 18:00", "2026-03-31 19:00")
    assert (row["決定"], row["決定者"], row["理由"]) == ("承認", "manager-1", "必要性を認める")
    assert (row["日時"], row["提供先"], row["媒体"]) == ("2026-04-02 09:00", "中央警察署 刑事課", "DVD-R")
    assert (row["複写のSHA-256"], row["保存期限"], row["消去日時"]) == ("ab" * 32, "2027-04-02", "2026-04-01 16:00")


def test_a_view_of_a_request_does_not_show_what_was_provided(path: Path) -> None:
    row = table(path)[2]
    assert (row["媒体"], row["複写のSHA-256"], row["氏名"]) == ("画面", "", "山田 太郎")


def test_a_refusal_says_why_and_to_nobody_was_anything_handed(path: Path) -> None:
    row = table(path)[1]
    assert (row["決定"], row["日時"], row["提供先"]) == ("拒否", "", "")


def test_excel_opens_the_table_and_computes_nothing(path: Path) -> None:
    with open_register(path) as register:
        content = export_csv(register)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b'"\r\n')
    assert table(path)[1]["氏名"] == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "\uff1d1", "\u3000\uff0b1", "\n@x"])
def test_no_cell_can_be_taken_for_a_formula(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "r" / "register.sqlite"
    create_register(path, "honcho", START)
    with open_register(path) as register:
        register.append(Draft("view", cell, {"request_id": cell, "necessity": cell}, policy_sha256=POLICY), START)
    (row,) = table(path)
    assert all(row[name].startswith("'") for name in ("記載者", "依頼番号", "必要性"))


def test_what_somebody_typed_is_no_html(path: Path) -> None:
    text = page(path)
    assert "&lt;b&gt;書面なし&lt;/b&gt;" in text
    assert "<b>書面なし" not in text
    assert "<script" not in text
    assert not re.search(r"(src|href)=", text)


def test_the_page_is_for_landscape_paper_and_carries_the_head(path: Path) -> None:
    text = page(path)
    assert "size:A4 landscape" in text
    assert "台帳の末尾　記載 8" in text
    assert '<html lang="ja">' in text


def test_erased_names_are_shown_as_erased(path: Path) -> None:
    with open_register(path) as register:
        register.erase_personal(AT, AT, actor="manager-1", policy_sha256=POLICY)
    assert [row["氏名"] for row in table(path)] == ["消去済"] * 3
    assert "山田" not in page(path)
    assert "消去済" in page(path)


def test_an_empty_book_says_so(tmp_path: Path) -> None:
    path = tmp_path / "r" / "register.sqlite"
    create_register(path, "<honcho>", START)
    assert "記載はありません" in page(path)
    assert "&lt;honcho&gt;" in page(path)
    assert table(path) == []
