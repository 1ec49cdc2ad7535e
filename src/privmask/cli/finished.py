"""An exit code that needs no more words."""

from __future__ import annotations


class Finished(int):
    """The exit code of a command that has said everything itself, even that it was interrupted."""
