"""`privmask inspect-site`: the audit changes nothing and ends with 3 on every violation; an inspection is recorded."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from privmask.cli import clock
from privmask.cli import inspect_site as command
from privmask.office import VAULT, open_office
from privmask.policy import Ground
from privmask.register import Entry, Receipt
from tests.cli.conftest import Done, Privmask, Street
from tests.cli.governed import AT, enter
from tests.register.vaults import RECIPIENT
from tests.test_governing import NO_REFERENCE
from tests.test_provision import DISC, WHO
from tests.test_requesting import form
from tests.violations import VIOLATIONS, Stage, good


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "keys"))
    stage = good(tmp_path / "site")
    monkeypatch.setattr(clock, "now", lambda: stage.at)
    monkeypatch.chdir(stage.folder)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return stage


def entries(stage: Stage) -> list[Entry]:
    with open_office(stage.site, stage.at) as office:
        return list(office.register.entries())


def test_a_good_site_passes_its_audit_and_nothing_is_recorded(privmask: Privmask, stage: Stage) -> None:
    before = len(entries(stage))
    done = privmask("--lang", "ja", "inspect-site", "--audit")
    assert (done.code, done.err) == (0, "")
    assert "不備は見つかりませんでした" in done.out
    assert "privmask.receipt.v1" in done.out
    assert "証明するものではありません" in done.out
    assert len(entries(stage)) == before


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_audit_ends_with_3_and_names_the_clause(privmask: Privmask, stage: Stage, name: str) -> None:
    expected, spoil = VIOLATIONS[name]
    spoil(stage)
    anchors = [word for each in stage.anchors for word in ("--anchor", each.as_text())]
    done = privmask("inspect-site", "--audit", "--json", *anchors)
    assert done.code == 3
    assert {each["clause"] for each in done.data["findings"] if each["weight"] == "wrong"} == expected
    shown = privmask("inspect-site", "--audit", *anchors)
    assert all(f"WRONG [{clause}]" in shown.out for clause in expected)


def test_an_inspection_is_recorded_with_its_checklist_and_its_head_is_printed(privmask: Privmask, stage: Stage) -> None:
    (stage.folder / "answers.json").write_text(json.dumps([True, True]))
    done = privmask("inspect-site", "--as", "suzuki", "--answers", "answers.json", "--remarks", "山田さんに聞いた")
    assert (done.code, done.err) == (0, "")
    *_, last = entries(stage)
    assert (last.kind, last.body["good"], last.body["checklist"]) == ("inspection", True, [True, True])
    assert last.personal == {"remarks": "山田さんに聞いた"}
    printed = done.out[done.out.index("privmask.receipt.v1") :]
    assert Receipt.parse("\n".join(printed.splitlines()[:-1])).seq == last.seq


def test_a_bad_line_ends_with_3_and_is_recorded(privmask: Privmask, stage: Stage) -> None:
    (stage.folder / "answers.json").write_text("[true, false]")
    done = privmask("--lang", "ja", "inspect-site", "--as", "suzuki", "--answers", "answers.json")
    assert (done.code, "点検項目 2 が「否」" in done.out) == (3, True)
    *_, last = entries(stage)
    assert (last.kind, last.body["good"]) == ("inspection", False)


def test_the_checklist_is_asked_on_a_terminal(
    privmask: Privmask, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "is_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n2\n"))
    done = privmask("--lang", "ja", "inspect-site", "--as", "suzuki")
    assert "レンズに汚れがない" in done.err
    assert done.code == 3
    *_, last = entries(stage)
    assert last.body["checklist"] == [True, False]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("--as", "suzuki"), 2),
        (("--audit", "--as", "suzuki"), 2),
        (("--as", "suzuki", "--answers", "no-such.json"), 2),
        (("--as", "suzuki", "--answers", "short.json"), 5),
        (("--as", "suzuki", "--answers", "object.json"), 2),
        (("--as", "nobody", "--answers", "good.json"), 5),
        (("--audit", "--site", "no-such.toml"), 2),
    ],
)
def test_words_that_do_not_do_are_refused(privmask: Privmask, stage: Stage, words: tuple[str, ...], code: int) -> None:
    for name, text in (("short", "[true]"), ("object", "{}"), ("good", "[true, true]")):
        (stage.folder / f"{name}.json").write_text(text)
    assert privmask("inspect-site", *words).code == code
    assert [each.kind for each in entries(stage)].count("inspection") == 1


def test_the_site_is_inspected_today(stage: Stage) -> None:
    assert stage.at > AT


def test_a_site_that_did_all_by_the_commands_passes(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short: Street
) -> None:
    site = enter(tmp_path, monkeypatch, NO_REFERENCE)

    def done(*words: object, code: int = 0) -> Done:
        found = privmask(*words)
        assert found.code == code, (words, found.out, found.err)
        return found

    def audited() -> list[str]:
        found = privmask("inspect-site", "--audit", "--json").data
        return [each["en"] for each in found["findings"] if each["weight"] == "wrong"]

    (tmp_path / "request.json").write_text(json.dumps(form(Ground.INVESTIGATION)))
    done("request", "new", "--as", "suzuki", "--from", tmp_path / "request.json")
    done("request", "decide", "R-2026-0001", "--as", "sato", "--approve", "--reason", "needed")
    rules = ("--camera", "gate", "--recorded-at", "2026-11-19T21:30+09:00", "--site", "site.toml")
    governed = (*rules, "--request", "R-2026-0001", "--as", "suzuki", "--json")
    copy_id = done("mask", short.clip, "-o", "copy.mp4", *governed).data["copy_id"]
    done("mask", short.clip, "-o", "other.mp4", *rules, "--exception", "test of the recorder", "--as", "sato")
    to = ("--to", WHO, "--medium", DISC, "--recipient", RECIPIENT, "--as", "suzuki")
    done("provide", copy_id, *to, "-o", tmp_path / "copy.age")
    done("provide", copy_id, *to, "-o", tmp_path / "copy.age", code=7)
    done("mask", short.clip, "-o", "copy.mp4", *rules, "--as", "suzuki", code=5)
    assert audited() == []
    done("erase", copy_id, "--as", "suzuki")
    assert audited() == []
    done("retire", "--whole-site", "--as", "sato", "--yes")
    assert audited() == []
    assert not list((site.parent / VAULT / "copies").iterdir())
