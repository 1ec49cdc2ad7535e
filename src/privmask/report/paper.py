"""What every page of a report is made of: a sheet with one style, and words that only are words on it.

A page asks nobody for anything: it has no script, its pictures stand in it, and its own policy forbids the rest.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from html import escape
from importlib import metadata
from typing import Protocol

from privmask.report.style import page_style

_LONGEST = 400


class InBoth(Protocol):
    """A sentence in Japanese and in English."""

    @property
    def ja(self) -> str:
        """In Japanese."""
        ...

    @property
    def en(self) -> str:
        """In English."""
        ...


def paper(title: InBoth, parts: Iterable[str]) -> bytes:
    """A page in UTF-8; `parts` are HTML."""
    style = page_style()
    allowed = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    head = (
        '<!DOCTYPE html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title.ja)} {escape(title.en)}</title>\n<style>{style}</style>\n</head>\n<body>",
    )
    foot = f"<footer>privmask {metadata.version('privmask')}</footer>\n</body>\n</html>\n"
    return "\n".join((*head, *parts, foot)).encode()


def in_both(text: InBoth) -> str:
    """Japanese, and English below or beside it, as the page's style says."""
    return f'<span lang="ja">{escape(text.ja)}</span> <span lang="en">{escape(text.en)}</span>'


def visible(text: str, longest: int = _LONGEST) -> str:
    r"""`text` for a page: at most `longest` letters, what nobody can see spelled out (\u202e), what HTML would act on escaped.

    It stands in a `<bdi>`, so that letters written from right to left move nothing around it.
    """
    shown = "".join(
        letter if letter.isprintable() or letter == "\u3000" else _spelled(letter) for letter in text[:longest]
    )
    cut = f"… ({len(text)})" if len(text) > longest else ""
    return f"<bdi>{escape(shown)}{cut}</bdi>"


def _spelled(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
