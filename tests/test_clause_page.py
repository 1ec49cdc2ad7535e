"""The page of README.ja.md from clause to command to test: all clauses of the guideline, with commands and tests that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

import pytest
from typer.main import get_command

from privmask.cli.app import app
from privmask.cli.record import Kind
from tests import test_clauses
from tests.conftest import ROOT

GUIDELINE = (
    "I-1", "I-2", "II-1", "II-2", "II-3", "II-4", "II-5", "II-6(1)", "II-6(2) 複写しない", "II-6(2) 原本は加工しない",
    "II-6(2) 保護目的以外で加工しない", "II-6(3)", "II-6(4)", "II-6(5)", "II-6(6)", "II-7(1)", "II-7(2)", "II-8", "II-9",
    "II-10 点検", "II-10 パソコン等", "II-10 廃止", "III", "IV",
)  # fmt: skip
"""The rows of what each clause means in software; where a clause has several, with the word that tells them apart."""


class Row(NamedTuple):
    clause: str
    commands: str
    test: str


def rows() -> Iterator[Row]:
    page = (ROOT / "README.ja.md").read_text("utf-8").split("### 条項、コマンド、試験\n")[1].split("\n## ")[0]
    for clause, commands, test in re.findall(
        r"^\| ([IV]+\S*(?: [^|]+)?) \| ([^|]+) \| `(\w+)` \|$", page, re.MULTILINE
    ):
        yield Row(clause, commands, test)


ROWS = tuple(rows())


def test_every_clause_of_the_guideline_has_its_row_in_order() -> None:
    found = [row.clause for row in ROWS]
    assert len(found) == len(GUIDELINE)
    assert all(clause == name or clause.startswith(f"{name} ") for clause, name in zip(found, GUIDELINE, strict=True))


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, and what is left of them."""
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def options_of(command: Any) -> set[str]:
    own = {word for each in command.params for word in each.opts}
    return own.union(*map(options_of, getattr(command, "commands", {}).values()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)
def test_a_rows_commands_and_test_exist(row: Row) -> None:
    assert callable(getattr(test_clauses, row.test))
    named = re.findall(r"`([^`]+)`", row.commands)
    assert named or row.commands.startswith("すべて")
    for words in named:
        command, others = command_of(words.split())
        assert command.name != "privmask" or words.startswith("--"), f"there is no privmask {words}"
        known = options_of(command) | (set(get_args(Kind)) if command.name == "record" else set())
        assert known.issuperset(others), f"privmask {words}"
