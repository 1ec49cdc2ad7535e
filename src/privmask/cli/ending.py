"""How a command ends: the one place that catches `PrivmaskError`, and the exit codes.

0 done · 2 wrong words or plan · 3 evidence does not hold · 4 the original changed · 5 refused by the site's rules ·
6 footage unreadable, unsupported or damaged · 7 the copy could not be written · 8 detector or model · 130 interrupted ·
1 a fault of privmask itself, with a traceback.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping, Sequence

from privmask.cli import failing
from privmask.cli.failing import told, told_of_words
from privmask.cli.finished import Finished
from privmask.cli.language import choose, said
from privmask.cli.words import say
from privmask.errors import PlanError, PolicyError, PrivmaskError
from privmask.language import Language

INTERRUPTED = 130
FAULT = 1


def run(words: Sequence[str]) -> int:
    """Carries out `privmask WORDS…` and returns its exit code; whatever is raised becomes a sentence and a code."""
    import typer

    from privmask.cli.picking import app_of

    as_json = wants_json(words)
    choose(wanted_language(words))
    try:
        code = app_of(words)(args=list(words), prog_name="privmask", standalone_mode=False)
    except PrivmaskError as error:
        return _fail(error.exit_code, _kind(error), told(error), _more(error), as_json=as_json)
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError" and not as_json:
            say(error.format_message())
            return error.exit_code
        return _fail(error.exit_code, "Words", told_of_words(error), {}, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        traceback.print_exc()
        kind = type(error).__name__
        return _fail(FAULT, kind, said(failing.FAULT.with_(kind=kind)), {}, as_json=as_json)
    if code == INTERRUPTED and not isinstance(code, Finished):
        if sys.stderr.isatty():
            say("")  # the line on which ^C or a question stands is not ours
        return _fail(INTERRUPTED, "Interrupted", said(failing.INTERRUPTED), {}, as_json=as_json)
    return int(code or 0)


def wants_json(words: Sequence[str]) -> bool:
    """Whether the answer is to be JSON: also known when the words are too wrong to be understood."""
    words = list(words)
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def wanted_language(words: Sequence[str]) -> Language | None:
    """The language that the words ask for, also when they are too wrong to be understood."""
    for word, value in zip(words, [*words[1:], ""], strict=False):
        chosen = value if word == "--lang" else word.removeprefix("--lang=")
        if chosen in ("ja", "en"):
            return "ja" if chosen == "ja" else "en"
    return None


def _fail(code: int, kind: str, message: str, more: Mapping[str, object], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": {"kind": kind, "message": message, **more}, "exit_code": code}, indent=2))
    else:
        say(f"privmask: {message}")
    return code


def _kind(error: PrivmaskError) -> str:
    return type(error).__name__.removesuffix("Error")


def _more(error: PrivmaskError) -> dict[str, object]:
    """What a program should not have to read out of the message."""
    if isinstance(error, PlanError) and error.complaints:
        return {"complaints": list(error.complaints)}
    if isinstance(error, PolicyError) and error.clause:
        return {"clause": error.clause}
    return {}
