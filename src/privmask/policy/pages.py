"""What printed pages are made of: a page without scripts that fetches nothing, and values that are only letters in it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from html import escape

from privmask.language import Language


def page(title: str, style: str, parts: Iterable[str], language: Language = "ja") -> bytes:
    """An HTML page in UTF-8; its policy allows this one style sheet and nothing else. `parts` are HTML, `title` is not."""
    allowed = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    head = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width">',
        f"<title>{shown(title)}</title>\n<style>{style}</style>\n</head>\n<body>",
    )
    return "\n".join((*head, *parts, "</body>\n</html>\n")).encode()


def shown(text: object) -> str:
    """A value as it stands in a page: what HTML would act on is escaped."""
    return escape(str(text))
