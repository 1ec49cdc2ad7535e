"""`privmask mask --site`: what a clerk types, and what is there afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from privmask.cli import clock
from privmask.office import open_office
from privmask.policy import Ground
from tests.cli.conftest import Privmask, Street
from tests.cli.governed import enter
from tests.test_governing import NO_REFERENCE
from tests.test_requesting import form

RULES = ("--site", "site.toml", "--recorded-at", "2026-11-19T21:30+09:00")
GATE = (*RULES, "--camera", "gate", "--request", "R-2026-0001", "--as", "suzuki")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, privmask: Privmask) -> Path:
    """A site with an approved request for its gate."""
    site = enter(tmp_path, monkeypatch, NO_REFERENCE)
    Path("request.json").write_text(json.dumps(form(Ground.INVESTIGATION)))
    assert privmask("request", "new", "--as", "suzuki", "--from", "request.json").code == 0
    decided = privmask("request", "decide", "R-2026-0001", "--as", "sato", "--approve", "--reason", "needed")
    assert decided.code == 0
    return site


def copies(site: Path) -> int:
    with open_office(site, clock.now()) as office:
        return len(list(office.vault().held()))


def test_a_governed_copy_goes_into_the_vault_and_nowhere_else(privmask: Privmask, site: Path, short: Street) -> None:
    done = privmask("--lang", "ja", "mask", short.clip, "-o", "copy.mp4", *GATE)
    assert done.code == 0, done.err
    assert "保管庫に入れました" in done.out
    assert "2026-12-23" in done.out
    assert copies(site) == 1
    assert not Path("copy.mp4").exists()


def test_as_json_it_names_its_id_and_its_entry(privmask: Privmask, site: Path, short: Street) -> None:
    done = privmask("mask", short.clip, "-o", "copy.mp4", *GATE, "--json", "--keep-plain")
    assert (done.code, done.data["request_id"], done.data["exception"]) == (0, "R-2026-0001", False)
    assert done.data["plain"] == str(Path("copy.mp4").resolve())
    assert Path("copy.mp4").exists()
    with open_office(site, clock.now()) as office:
        assert [held.id for held in office.vault().held()] == [done.data["copy_id"]]


def test_what_is_named_besides_is_hidden_as_well(privmask: Privmask, site: Path, short: Street) -> None:
    done = privmask("mask", short.clip, "-o", "copy.mp4", *GATE, "--zone", "0,0 0.5,0 0.5,0.5", "--keep-plain")
    assert done.code == 0, done.err
    plan = json.loads(Path("copy.mp4.provenance.json").read_bytes())["predicate"]["plan"]
    assert [mask["token"] for mask in plan["mask"]] == ["neighbour-window", "zone-1"]
    assert copies(site) == 1


def test_ii_1_without_a_request_there_is_no_file(privmask: Privmask, site: Path, short: Street) -> None:
    done = privmask("--lang", "ja", "mask", short.clip, "-o", "copy.mp4", *RULES, "--camera", "gate", "--as", "suzuki")
    assert done.code == 5
    assert "承認された提供依頼（--request）が要ります" in done.err
    assert not Path("copy.mp4").exists()
    assert copies(site) == 0


def test_the_managers_exception_makes_one(privmask: Privmask, site: Path, short: Street) -> None:
    words = (*RULES, "--camera", "gate", "--exception", "test of the recorder")
    assert privmask("mask", short.clip, "-o", "copy.mp4", *words, "--as", "suzuki").code == 5
    assert privmask("mask", short.clip, "-o", "copy.mp4", *words, "--as", "sato").code == 0
    assert copies(site) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--request", "R-2026-0001"),
        ("--exception", ""),
        ("--as", "suzuki"),
        ("--keep-plain",),
        ("--keep-track", "1"),
        RULES,
        (*RULES, "--camera", "gate"),
        (*RULES, "--as", "suzuki"),
        (*GATE, "--unsigned"),
        (*GATE, "--no-self-check"),
        ("--site", "site.toml", "--camera", "gate", "--as", "suzuki"),
    ],
)
def test_words_that_do_not_go_together_make_no_file(
    privmask: Privmask, site: Path, short: Street, words: tuple[str, ...]
) -> None:
    assert privmask("mask", short.clip, "-o", "copy.mp4", "--zone", "0,0 1,0 1,1", *words).code == 2
    assert not Path("copy.mp4").exists()
    assert copies(site) == 0
