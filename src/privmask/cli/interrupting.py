"""How a signal ends a command: every one like Ctrl-C, through every `finally`, and none of them lost."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_AFTER_S = 0.01
"""Long enough for a finalizer to end, too short to be noticed by who waits."""


def end_like_control_c(number: signal.Signals) -> None:
    """Makes `number` end a job as Ctrl-C does, through every `finally`, unless whoever started us wants it ignored."""
    if signal.getsignal(number) == signal.SIG_DFL:
        signal.signal(number, _interrupt)


def let_none_be_lost() -> None:
    """Have an interrupt that Python drops come again, for a program that is told once.

    What is raised in a finalizer, in a weak reference's callback or in a C library's callback has no one to go to, and
    Python prints and forgets it (`sys.unraisablehook`): a job told to end at such a moment would go on and make its copy.
    """
    signal.signal(signal.SIGALRM, _interrupt)
    sys.unraisablehook = _come_again


def _come_again(lost: UnraisableHookArgs) -> None:
    if issubclass(lost.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, AGAIN_AFTER_S)  # at once would be in here, where it would be dropped too
    else:
        sys.__unraisablehook__(lost)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt(f"signal {number}")
