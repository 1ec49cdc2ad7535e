"""A command that dies with its watch: `python -m privmask.recorders.governed_child DESCRIPTOR WORDS…`."""

from __future__ import annotations

import runpy
import sys

from privmask.processes import serve

if __name__ == "__main__":
    held = serve(int(sys.argv[1]))
    sys.argv = ["privmask", *sys.argv[2:]]
    runpy.run_module("privmask", run_name="__main__")
