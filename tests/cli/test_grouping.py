"""Groups of words: a command asks for one value, and the command line has each of its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command

from privmask.cli.grouping import grouped

Word = Annotated[str | None, typer.Option(metavar="TEXT")]


@dataclass(frozen=True)
class Inner:
    color: Word = None
    fast: Annotated[bool, typer.Option("--fast")] = False


@dataclass(frozen=True, kw_only=True)
class Outer:
    inner: Inner
    size: Annotated[int, typer.Option(min=1)] = 3


told: list[Any] = []


@grouped
def command(clip: str, *, first: Word = None, outer: Outer, last: Word = None) -> int:
    """Tell what it was given."""
    told.append((clip, first, outer, last))
    return 0


def ask(*words: str) -> None:
    app = typer.Typer()
    app.command()(command)
    app(args=words, standalone_mode=False)


def test_the_words_of_a_group_stand_where_the_group_stands() -> None:
    app = typer.Typer(add_completion=False)
    app.command()(command)
    assert [each.name for each in get_command(app).params] == ["clip", "first", "color", "fast", "size", "last"]


def test_what_is_said_comes_as_values_and_what_is_not_as_their_defaults() -> None:
    told.clear()
    ask("a.mp4", "--color", "red", "--fast", "--size", "5", "--last", "z")
    ask("b.mp4")
    assert told == [
        ("a.mp4", None, Outer(inner=Inner("red", fast=True), size=5), "z"),
        ("b.mp4", None, Outer(inner=Inner(), size=3), None),
    ]


@pytest.mark.parametrize("words", [("a.mp4", "--size", "0"), ("a.mp4", "--inner", "x"), ()])
def test_what_the_words_of_a_group_do_not_allow_is_refused(words: tuple[str, ...]) -> None:
    told.clear()
    with pytest.raises(Exception, match=r"greater than|inner|Missing"):
        ask(*words)
    assert told == []
