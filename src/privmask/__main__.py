"""`python -m privmask` is the `privmask` command."""

from __future__ import annotations

from privmask.cli import main

main()
