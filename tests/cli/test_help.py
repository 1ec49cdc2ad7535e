"""The help is quick, because it loads none of the heavy rooms."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from typer.main import get_command

from privmask.cli.app import app
from privmask.cli.helping import TEXTS
from privmask.cli.picking import ALONE, app_of
from privmask.cli.words import columns_of, wrapped
from tests.cli.conftest import Privmask, command, environment
from tests.test_imports import loaded_after

PROMISED = 0.3  # seconds of work, which other work on the machine does not lengthen much


def test_help_comes_quickly() -> None:
    seconds = []
    for _ in range(5):
        before = os.times()
        subprocess.run(command("--help"), check=True, capture_output=True, env=environment())
        after = os.times()
        seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
    print(f"privmask --help: {median(seconds):.2f} s")
    # A machine that runs other tests at the same time is given three times as long.
    busy = os.environ.get("CI") or os.environ.get("PYTEST_XDIST_WORKER")
    assert median(seconds) <= PROMISED * (3 if busy else 1)


def test_words_alone_load_no_heavy_room() -> None:
    assert loaded_after("import privmask.cli.app").isdisjoint({"numpy", "numba", "av", "cv2", "onnxruntime", "PIL"})


def test_the_help_names_every_command_and_exit_code(privmask: Privmask) -> None:
    said = privmask("--help").out
    for word in ("mask", "batch", "detect", "verify", "probe", "keys", "zones", "models", "demo", "doctor", "130"):
        assert word in said


@pytest.mark.parametrize("command", ["mask", "batch", "detect", "verify", "demo", "doctor", "probe"])
def test_a_word_that_takes_no_value_is_not_shown_with_one(command: str, privmask: Privmask) -> None:
    (line,) = (line for line in privmask(command, "--help").out.splitlines() if "--json" in line)
    assert "bool" not in line.lower()


@pytest.mark.parametrize("word", ALONE)
def test_a_command_that_is_loaded_without_the_others_is_the_same(word: str) -> None:
    (alone,) = get_command(app_of([word, "--help"])).commands.values()  # type: ignore[attr-defined]
    among = get_command(app).commands[word]  # type: ignore[attr-defined]
    assert alone.name == among.name == word
    assert alone.help == among.help
    told = [[(each.name, each.opts, each.help, each.required) for each in one.params] for one in (alone, among)]
    assert told[0] == told[1]


def test_words_that_name_no_command_first_are_understood_by_all_commands_together() -> None:
    assert all(app_of(words) is app for words in ([], ["--help"], ["--lang", "ja", "mask"], ["keys", "new"], ["masks"]))


def every_command(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from every_command(each, f"{path} {name}".strip())


COMMANDS = dict(every_command(get_command(app)))


def is_japanese(text: str) -> bool:
    return any("\u3040" <= letter <= "\u30ff" or "\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_every_word_of_it_is_explained_in_japanese(path: str) -> None:
    command = COMMANDS[path]
    helps = [command.help, *(each.help for each in command.params), *filter(None, [command.epilog])]
    for help in helps:
        assert help in TEXTS, f"privmask {path}: {help!r} has no Japanese"
        assert is_japanese(TEXTS[help].ja)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("path", COMMANDS)
def test_japanese_help_fits_the_terminal(
    path: str, columns: int, privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = privmask("--lang", "ja", *path.split(), "--help").out.splitlines()
    assert lines[0].startswith(f"使い方：privmask {path}".rstrip())
    assert max(map(columns_of, lines)) <= columns
    assert not any(line.strip().startswith(("、", "。", "）")) for line in lines)
    for english in ("Usage", "Options", "required", "default", "Show this"):
        assert english not in "\n".join(lines)


def test_help_is_in_the_language_of_the_locale_or_of_lang_wherever_it_stands(
    privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert privmask("mask", "--help").out.startswith("使い方")
    assert privmask("--lang", "en", "mask", "--help").out.startswith("Usage")
    monkeypatch.setenv("LC_ALL", "C")
    assert privmask("--help", "--lang", "ja").out.startswith("使い方")
    assert privmask("--lang=ja", "--help").out.startswith("使い方")


def test_lines_are_cut_between_japanese_letters_and_never_before_a_full_stop() -> None:
    assert wrapped("私的空間を隠します。", 10) == ["私的空間を", "隠します。"]
    assert wrapped("あいう（えお）", 8) == ["あいう", "（えお）"]
    assert wrapped("see privmask-keys now", 8) == ["see", "privmask-keys", "now"]
    assert wrapped("", 8) == []
