"""Help in both languages, in lines that fit a terminal on which a Japanese letter is two columns wide.

Typer takes plain strings for help, and reads a command's out of its docstring. Both stay English, and name the `Text` that
is shown. `Words` declares commands that look it up when their help is shown.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from privmask.cli.language import said
from privmask.cli.words import columns_of, wrapped
from privmask.language import Text

Function = TypeVar("Function", bound=Callable[..., Any])

TEXTS: dict[str, Text] = {}
WIDEST = 100  # columns: longer lines are hard to read
NAMES = 26  # columns that the names of words take at most, before their help goes below them


def both(ja: str, en: str) -> str:
    """`en`, as typer wants it, which is shown as `ja` where Japanese is spoken."""
    TEXTS[en] = Text(ja, en)
    return en


def in_japanese(ja: str) -> Callable[[Function], Function]:
    """Declares the Japanese of a command's docstring."""

    def known(command: Function) -> Function:
        both(ja, inspect.cleandoc(command.__doc__ or ""))
        return command

    return known


class Command(TyperCommand):
    """A command whose help is in the language of the run."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help into `formatter`."""
        formatter.write("\n".join(_page(self, ctx, [])) + "\n")


class Group(TyperGroup):
    """A group of commands whose help is in the language of the run."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, with a line for each command."""
        commands = [(name, _said(each.help).split("\n\n")[0]) for name, each in self.commands.items()]
        formatter.write("\n".join(_page(self, ctx, commands)) + "\n")


class Words(typer.Typer):
    """A group of `privmask`'s words; without any word after it, it shows its help."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"cls": Group, "no_args_is_help": True, "rich_markup_mode": None, **more})

    def command(self, name: str | None = None, **more: Any) -> Callable[[Function], Function]:
        """Declares a command, as typer does."""
        return super().command(name, cls=Command, **more)


def _page(command: Any, ctx: Any, commands: list[tuple[str, str]]) -> Iterator[str]:
    columns = min(shutil.get_terminal_size().columns, WIDEST)
    arguments = [each for each in command.params if isinstance(each, TyperArgument)]
    options = [each for each in command.get_params(ctx) if not isinstance(each, TyperArgument)]
    usage = " ".join([ctx.command_path, "[OPTIONS]", *map(_place, arguments), *(["COMMAND …"] if commands else [])])
    yield said(_USAGE) + usage
    for paragraph in _said(command.help).split("\n\n"):
        yield ""
        yield from wrapped(paragraph.replace("\n", " "), columns)
    yield from _table(said(_ARGUMENTS), [(_place(each), _of(each)) for each in arguments], columns)
    yield from _table(said(_OPTIONS), [(_names(each, ctx), _of(each)) for each in options], columns)
    yield from _table(said(_COMMANDS), commands, columns)
    if commands:
        yield ""
        yield from wrapped(said(_MORE.with_(path=ctx.command_path)), columns)
    if command.epilog:
        yield ""
        yield from wrapped(_said(command.epilog), columns)


def _table(title: str, rows: Iterable[tuple[str, str]], columns: int) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        return
    left = min(max(columns_of(name) for name, _ in rows), NAMES) + 4
    yield from ("", title)
    for name, help in rows:
        first, *others = wrapped(help, columns - left) or [""]
        if columns_of(name) > left - 4:
            yield f"  {name}"
            yield " " * left + first
        else:
            yield f"  {name}{' ' * (left - 2 - columns_of(name))}{first}".rstrip()
        yield from (" " * left + each for each in others)


def _place(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _names(option: Any, ctx: Any) -> str:
    record: tuple[str, str] = option.get_help_record(ctx)
    return record[0].strip()


def _of(parameter: Any) -> str:
    """What the word is for, whether it is needed, and what holds without it."""
    help = _said(parameter.help)
    if parameter.required:
        return help + said(_REQUIRED)
    plain = (
        parameter.default is None or isinstance(parameter.default, bool | list | tuple) or callable(parameter.default)
    )
    return help if plain else help + said(_DEFAULT.with_(value=parameter.default))


def _said(help: str | None) -> str:
    return said(TEXTS[help]) if help in TEXTS else help or ""


both("この説明を表示します。", "Show this message and exit.")  # of typer's own --help
_USAGE = Text("使い方：", "Usage: ")
_OPTIONS = Text("オプション", "Options")
_ARGUMENTS = Text("引数", "Arguments")
_COMMANDS = Text("コマンド", "Commands")
_REQUIRED = Text("（必須）", " [required]")
_DEFAULT = Text("（指定がなければ {value}）", " [default: {value}]")
_MORE = Text("それぞれの使い方：{path} COMMAND --help", "More about each: {path} COMMAND --help")
