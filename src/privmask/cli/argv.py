"""Passwords on the command line, which every user of a machine can read in its list of processes."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

_SECRET = re.compile(rb"(?<=://)[^/@\s\0]+(?=@)")
"""User and password in an address."""
_START, _END = 48, 49
"""Which fields of /proc/self/stat say where the words of this process lie (proc(5), counted from 1)."""


def hide_passwords() -> None:
    """Overwrite users and passwords of addresses in the words of this process, as others see them, where there is a /proc.

    It takes a moment until a process does so; who wants none gives its address on standard input, or its password in a file.
    """
    try:
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        start, end = (int(fields[number - 3]) for number in (_START, _END))
        words = Path("/proc/self/cmdline").read_bytes()
    except (OSError, IndexError, ValueError):
        return
    if start and len(words) == end - start:
        for found in _SECRET.finditer(words):
            ctypes.memset(start + found.start(), ord("*"), found.end() - found.start())
