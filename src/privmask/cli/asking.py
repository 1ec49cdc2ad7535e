"""Questions on a terminal, one at a time, until each answer can be used. They go to standard error, as all that people read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from unicodedata import normalize
from zoneinfo import ZoneInfo

import typer

from privmask.cli.language import said
from privmask.cli.words import say
from privmask.errors import PlanError
from privmask.language import Text


def is_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return bool(sys.stdin and sys.stdin.isatty())


def ask(question: Text, check: Callable[[str], object] = str) -> str:
    """The answer, which may be empty; asked again as long as `check` raises `PlanError`, whose words are shown."""
    while True:
        found: str = typer.prompt(said(question), default="", show_default=False, err=True)
        try:
            check(found)
        except PlanError as error:
            say(said(error.text) if error.text else str(error))
        else:
            return found


def pick(question: Text, choices: Sequence[Text]) -> int:
    """The place, from 0, of the choice that was picked by its number."""
    say("\n".join([said(question), *(f"  {number}  {said(choice)}" for number, choice in enumerate(choices, 1))]))

    def known(answer: str) -> None:
        if normalize("NFKC", answer).strip() not in map(str, range(1, len(choices) + 1)):
            raise PlanError(_BY_NUMBER.with_(most=len(choices)))

    return int(ask(_NUMBER.with_(most=len(choices)), known)) - 1


def as_day(answer: str) -> str:
    """A day as it was typed, such as 令和8年4月1日, as 2026-04-01; what is no day stays as it is, for the check to complain."""
    from privmask.policy.calendar import read_day

    day = read_day(answer)
    return day.isoformat() if day else answer.strip()


def as_moment(answer: str, zone: str) -> str:
    """A time as it was typed, that of `zone` if it names none; what is no time stays as it is."""
    from privmask.policy.calendar import read_moment

    try:
        moment = read_moment(answer) or datetime.fromisoformat(answer.strip())
    except ValueError:
        return answer.strip()
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).isoformat()


_NUMBER = Text("番号（1–{most}）", "Number (1–{most})")
_BY_NUMBER = Text("1から{most}までの番号で答えてください", "answer with a number from 1 to {most}")
