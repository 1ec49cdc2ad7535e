"""Words in, one call, words out.

The command line turns words into checked values, calls one corridor, and says what came of it. It holds no rule of its own.
It alone prints, alone ends the program, and alone catches `PrivmaskError`, in one place (`ending.py`). A command imports the
room it needs when it runs, so that `privmask --help` stays quick.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Entry point of the `privmask` command."""
    from privmask.cli.ending import end_like_control_c, run

    end_like_control_c(signal.SIGTERM)
    end_like_control_c(signal.SIGHUP)
    sys.exit(run(sys.argv[1:]))
