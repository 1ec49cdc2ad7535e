"""What a failed command says: the error's own words, and before words that are English only what kind of failure it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from privmask.cli.language import said
from privmask.errors import PrivmaskError
from privmask.failures import in_both
from privmask.language import Text

if TYPE_CHECKING:
    from typer import TyperException


def told(error: PrivmaskError) -> str:
    """The error in the language of the run."""
    return said(in_both(error))


def told_of_words(error: TyperException) -> str:
    """What is wrong with the words of the command line, and where to read how they are written."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else "privmask"
    return f"{said(_wrong_words(error))}\n{said(_SEE_HELP.with_(path=path))}"


def _wrong_words(error: TyperException) -> Text:
    english = error.format_message()
    option: Any = getattr(error, "option_name", None)
    match type(error).__name__:
        case "NoArgsIsHelpError":
            return Text("コマンドが指定されていません", "there is no command")
        case "NoSuchOption":
            near = "、".join(sorted(getattr(error, "possibilities", None) or ()))
            return Text(f"オプション {option} はありません" + (f"（もしかして {near}）" if near else ""), english)
        case "BadOptionUsage":
            return Text(f"オプション {option} には、値が必要か、逆に値を付けられません", english)
        case "MissingParameter":
            return Text(f"{_word(error)} が指定されていません", english)
        case "BadParameter":
            return Text(f"{_word(error)} の値が正しくありません。{_expected(error.message)}", english)
    for pattern, japanese in _OTHERS:
        if found := re.search(pattern, english):
            return Text(japanese.format(*found.groups()), english)
    return Text(english, english)


def _word(error: Any) -> str:
    return str(error.param.get_error_hint()).replace("'", "") if error.param is not None else ""


def _expected(english: str) -> str:
    if found := re.search(r"is not one of (.+?)\.?$", english):
        return f"次のどれかを指定してください：{found[1]}"
    return "整数で指定してください" if "integer" in english else english


_SEE_HELP = Text("使い方：{path} --help", "Try '{path} --help'.")
_OTHERS = (
    (r"^No such command (.+?)\. Did you mean (.+?)\?", "コマンド {0} はありません（もしかして {1}）"),
    (r"^No such command (.+?)\.", "コマンド {0} はありません"),
    (r"^Missing command", "コマンドが指定されていません"),
    (r"^Got unexpected extra arguments? ?(?:\(s\) )?\((.+)\)", "余分な言葉があります：{0}"),
)
INTERRUPTED = Text("中断しました。作りかけのものは残していません", "interrupted")
FAULT = Text("privmask 自身の誤りです（{kind}）。開発者に知らせてください", "a fault of privmask itself: {kind}")
