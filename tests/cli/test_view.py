"""`privmask view`: a copy is seen and gone again, a recording is looked at where it is; both are recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.cli import clock
from privmask.office import open_office
from privmask.workroom import ROOM
from tests.cli.conftest import Privmask
from tests.cli.governed import enter
from tests.test_provision import approved, kept

SPAN = ("--camera", "gate", "--from", "2026-11-19T21:10+09:00", "--until", "2026-11-19T21:20+09:00")
REQUEST = ("--request", "R-2026-0001", "--as", "suzuki")


@pytest.fixture
def copy_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A copy in the vault of the site in the working folder."""
    with open_office(enter(tmp_path, monkeypatch), clock.now()) as office:
        return kept(office, approved(office))


def views() -> int:
    with open_office("site.toml", clock.now()) as office:
        return len(list(office.register.entries("view")))


def test_a_copy_is_shown_by_a_program_and_gone_when_it_ends(privmask: Privmask, copy_id: str, tmp_path: Path) -> None:
    player = tmp_path / "player"
    player.write_text('#!/bin/sh\nstat -c "%a %s" "$1" > seen\n')
    player.chmod(0o700)
    done = privmask("view", copy_id, *REQUEST, "--player", player)
    assert done.code == 0, done.err
    assert Path("seen").read_text() == "600 65536\n"
    assert list(Path(ROOM).iterdir()) == []
    assert views() == 1


def test_on_a_terminal_it_waits_until_the_clerk_has_seen_it(
    privmask: Privmask, copy_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def enter_pressed(*_: object, **__: object) -> str:
        seen.extend(path.stat().st_size for path in Path(ROOM).rglob("*.mp4"))
        return ""

    monkeypatch.setattr("privmask.cli.view.is_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", enter_pressed)
    assert privmask("view", copy_id, *REQUEST).code == 0
    assert seen == [65536]
    assert list(Path(ROOM).iterdir()) == []


def test_a_program_that_is_not_there_leaves_nothing_open(privmask: Privmask, copy_id: str) -> None:
    assert privmask("view", copy_id, *REQUEST, "--player", "./nothing").code == 7
    assert list(Path(ROOM).iterdir()) == []


def test_a_view_on_the_recorders_screen_is_recorded(privmask: Privmask, copy_id: str) -> None:
    assert copy_id
    done = privmask("--lang", "ja", "view", *SPAN, *REQUEST)
    assert (done.code, "台帳の記載" in done.out) == (0, True)
    assert (
        privmask("view", *SPAN, "--purpose", "crime-prevention", "--as", "suzuki", "--json").data["receipt"]["seq"] == 6
    )
    assert views() == 2


@pytest.mark.parametrize(
    "words",
    [
        ("view", *SPAN, *REQUEST, "--purpose", "crime-prevention"),
        ("view", *REQUEST),
        ("view", *REQUEST, "--camera", "gate", "--from", "2026-11-19T21:10+09:00"),
        ("view", *REQUEST, "--camera", "gate", "--from", "21:10", "--until", "21:20"),
    ],
)
def test_wrong_words_record_nothing(privmask: Privmask, copy_id: str, words: tuple[str, ...]) -> None:
    assert copy_id
    assert privmask(*words).code == 2
    assert views() == 0


def test_without_a_terminal_a_program_is_needed(privmask: Privmask, copy_id: str) -> None:
    assert privmask("view", copy_id, *REQUEST).code == 2
    assert views() == 0


def test_what_the_rules_refuse_shows_nothing(privmask: Privmask, copy_id: str, tmp_path: Path) -> None:
    player = tmp_path / "player"
    player.write_text("#!/bin/sh\ntouch seen\n")
    player.chmod(0o700)
    for words in (("--as", "nobody"), ("--as", "suzuki", "--to", "週刊誌")):
        assert privmask("view", copy_id, "--request", "R-2026-0001", *words, "--player", player).code == 5
    assert not Path("seen").exists()
