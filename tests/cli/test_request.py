"""`privmask request`: at the counter, on a terminal and by file, and at the manager's desk."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from privmask.cli import clock
from privmask.office import open_office
from privmask.policy import Ground
from tests.cli.conftest import Privmask
from tests.cli.governed import AT, enter
from tests.test_requesting import form


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return enter(tmp_path, monkeypatch)


def written(site: Path, **changes: object) -> Path:
    path = site.parent / "request.json"
    path.write_text(json.dumps(form(**changes)), "utf-8")  # type: ignore[arg-type]  # each as the form has it
    return path


def kinds(site: Path) -> list[str]:
    with open_office(site, clock.now()) as office:
        return [each.kind for each in office.register.entries()][1:]


def test_a_request_is_filed_decided_and_listed(privmask: Privmask, site: Path) -> None:
    done = privmask("--lang", "ja", "request", "new", "--as", "suzuki", "--from", written(site))
    assert (done.code, done.err) == (0, "")
    assert "R-2026-0001 を受け付けました" in done.out
    assert "未決定" in privmask("--lang", "ja", "request", "list").out
    done = privmask("request", "decide", "R-2026-0001", "--as", "sato", "--approve", "--reason", "needed")
    assert (done.code, "approved" in done.out) == (0, True)
    listed = privmask("--lang", "ja", "request", "list").out
    assert "承認" in listed
    assert "高橋" not in listed
    (found,) = privmask("request", "list", "--json").data["requests"]
    assert (found["state"], found["cameras"], found["ground"]) == ("approved", ["gate"], "investigation")


def test_a_request_is_filed_field_by_field(privmask: Privmask, site: Path) -> None:
    def flags(data: dict[str, object], before: str = "") -> list[str]:
        words: list[str] = []
        for name, value in data.items():
            if isinstance(value, dict):
                words += flags(value, f"{before}{name}.")
            else:
                words += ["--set", f"{before}{name}={','.join(value) if isinstance(value, list) else value}"]
        return words

    done = privmask("request", "new", "--as", "suzuki", *flags(form(Ground.SUBJECT)), "--json")
    assert (done.code, done.data["request_id"], done.data["receipt"]["seq"]) == (0, "R-2026-0001", 2)
    assert kinds(site) == ["request"]


def test_an_incomplete_request_is_refused_with_every_field_and_recorded(privmask: Privmask, site: Path) -> None:
    path = written(site, necessity="", cameras=[])
    done = privmask("--lang", "ja", "request", "new", "--as", "suzuki", "--from", path)
    assert done.code == 5
    assert "必要性（necessity）" in done.err
    assert "カメラ（cameras）" in done.err
    assert kinds(site) == ["refusal"]


def test_the_manager_reads_a_request_before_deciding(privmask: Privmask, site: Path) -> None:
    privmask("request", "new", "--as", "suzuki", "--from", written(site))
    done = privmask("--lang", "ja", "request", "show", "R-2026-0001", "--as", "sato")
    assert done.code == 0
    for line in ("要請者の氏名  高橋 三郎", "カメラ  gate", "書面の番号  中央刑発第45号", "提供の根拠  investigation"):
        assert line in done.out
    assert privmask("request", "show", "R-2026-0001", "--as", "nobody").code == 5
    assert privmask("request", "show", "R-2026-0002", "--as", "sato").code == 5
    assert kinds(site) == ["request", "refusal", "refusal"]


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'"kind"', b"\xff", b"[" * 100_000, b" " * 2_000_000])
def test_what_is_no_request_at_all_is_wrong_words(privmask: Privmask, site: Path, text: bytes) -> None:
    (site.parent / "request.json").write_bytes(text)
    done = privmask("request", "new", "--as", "suzuki", "--from", site.parent / "request.json")
    assert done.code == 2
    assert kinds(site) == []


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--set", "kind"),
        ("--set", "=view"),
        ("--set", "kind=view", "--set", "kind.of=view"),
        ("--from", "nowhere.json"),
    ],
)
def test_wrong_words_file_nothing(privmask: Privmask, site: Path, words: tuple[str, ...]) -> None:
    assert privmask("request", "new", "--as", "suzuki", *words).code == 2
    assert kinds(site) == []


@pytest.mark.parametrize("words", [(), ("--approve", "--refuse")])
def test_a_decision_is_one_or_the_other(privmask: Privmask, site: Path, words: tuple[str, ...]) -> None:
    assert privmask("request", "decide", "R-2026-0001", "--as", "sato", "--reason", "x", *words).code == 2
    assert site.exists()


def test_a_refusal_names_its_clause(privmask: Privmask, site: Path) -> None:
    privmask("request", "new", "--as", "suzuki", "--from", written(site))
    done = privmask("request", "decide", "R-2026-0001", "--as", "suzuki", "--approve", "--reason", "x", "--json")
    assert (done.code, done.data["error"]["clause"]) == (5, "II-4")


def test_the_fields_of_a_ground_are_named(privmask: Privmask) -> None:
    assert "照会した機関" in privmask("--lang", "ja", "request", "fields", "investigation").out
    assert "law_based" in privmask("request", "fields").out
    assert privmask("request", "fields", "curiosity").code == 2


def test_on_a_terminal_each_field_is_asked_for(privmask: Privmask, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(
        ["", "高橋 三郎", "本人", "000-0000", "1", "2", "2026-11-23 12:05", "door", "gate", "yesterday", "2026-11-19 21:00",
         "2026-11-19 20:00", "令和8年11月19日 22時", "落とし", "2", "4", "1", "服装", "R8.11.23", "2", "99",
         "11", "落とし物", ""]
    )  # fmt: skip
    monkeypatch.setattr("privmask.cli.request.is_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(answers))
    done = privmask("--lang", "ja", "request", "new", "--as", "suzuki")
    assert (done.code, next(answers, None)) == (0, None)
    for said in (
        "「yesterday」は日時ではありません",
        "規程にないカメラです：door",
        "終わりが始まりより後ではありません",
    ):
        assert said in done.err
    assert "11  必要性：落とし物" in done.err
    with open_office(site, AT) as office:
        (entry,) = office.register.entries("request")
    assert datetime.fromisoformat(entry.body["received_at"]) == AT
    assert datetime.fromisoformat(entry.body["from"]) == datetime.fromisoformat("2026-11-19T21:00+09:00")
    assert entry.personal["identity.document_kind"] == "運転免許証"
    assert entry.body["evidence"]["ground"] == "subject"


def test_on_a_terminal_nobody_unknown_is_asked_anything(
    privmask: Privmask, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.cli.request.is_terminal", lambda: True)
    assert privmask("request", "new", "--as", "nobody").code == 5
    assert kinds(site) == ["refusal"]
