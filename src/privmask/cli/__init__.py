"""Words in, one call, words out.

The command line turns words into checked values, calls one corridor, and says what came of it. It holds no rule of its own.
It alone prints, alone ends the program, and alone catches `PrivmaskError`, in one place (`ending.py`). A command imports the
room it needs when it runs, so that `privmask --help` stays quick.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Entry point of the `privmask` command."""
    if sys.argv[1:2] == ["hook"]:  # a recorder waits for it: nothing is loaded that it does not need
        from privmask.cli.quick import hook

        code = hook(sys.argv[2:])
        if code is not None:
            _leave(code)
    if any("://" in word and "@" in word for word in sys.argv):
        from privmask.cli.argv import hide_passwords

        hide_passwords()
    # numpy's algebra, which nothing here uses, would begin a thread on each core, and those spin for a tenth of a second.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from privmask.cli.ending import run
    from privmask.cli.interrupting import end_like_control_c, let_none_be_lost
    from privmask.memory import hold_little

    hold_little()
    let_none_be_lost()
    end_like_control_c(signal.SIGTERM)
    end_like_control_c(signal.SIGHUP)
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """End at once with `code`: every file is closed by now, and taking the interpreter apart takes a quarter of a second."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # whoever read it is gone, or the disk is full: then not all was said
            code = code or 1
    os._exit(code)
