"""The sign of II-3, for A4 or A3 across: that there are cameras, whose they are, what for, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from privmask.policy.pages import page, shown
from privmask.policy.site import Site
from privmask.policy.style import LONGEST_SIZED, SHORTEST_SIZED, SIGN_STYLE

_CAMERA = """<svg viewBox="18 -16 196 134" role="img" aria-label="防犯カメラ">
<path d="M24 18h14v94H24z" /><path d="M38 76h40l18-22 12 10-22 28H38z" />
<g transform="rotate(14 130 50)"><rect x="64" y="18" width="112" height="50" rx="9" />
<path d="M54 10h134a6 6 0 0 1 6 6v7H58a10 10 0 0 1-10-10 3 3 0 0 1 3-3z" />
<rect x="176" y="25" width="20" height="36" rx="4" /><circle cx="186" cy="43" r="10" fill="#ffd800" />
<circle cx="186" cy="43" r="5" /></g></svg>"""


LEGIBLE = 60  # letters of the purposes, which a passer-by reads from some steps away
Paper: TypeAlias = Literal["a4", "a3"]


def sign_page(site: Site, paper: Paper = "a4") -> bytes:
    """The sign as HTML in UTF-8, of the size of that paper across."""
    style = f"@page{{size:{paper.upper()} landscape;margin:0}}\n{SIGN_STYLE}"
    return page(f"{site.sign.text}（{site.installer.name}）", style, _parts(site))


def _parts(site: Site) -> Iterator[str]:
    yield f'<main><div class="top">{_CAMERA}<h1 class="{_size(site.sign.text)}">{shown(site.sign.text)}</h1>'
    yield '<p class="en" lang="en">SECURITY CAMERAS IN OPERATION</p></div><dl class="bottom">'
    yield f"<dt>設置者</dt><dd>{_fitted(site.installer.name)}</dd>"
    yield f"<dt>目　的</dt><dd>{_fitted(_purposes(site))}</dd>"
    contact = site.contact
    hours = f"<small>{shown(contact.hours)}</small>" if contact.hours else ""
    yield f"<dt>連絡先</dt><dd>{_fitted(contact.name)}</dd>"
    yield f'<dt>電　話</dt><dd><span class="phone">{shown(contact.phone)}</span>{hours}</dd></dl></main>'


def _purposes(site: Site) -> str:
    """All of them, or where a passer-by could not read so much the first, which stands for them."""
    first, *others = (each.text.rstrip("。") for each in site.purposes)
    whole = "、".join([first, *others])
    return whole if not others or len(whole) <= LEGIBLE else f"{first}ほか"


def _fitted(name: str) -> str:
    """A name in letters so large that the sign stays one sheet."""
    sizes = {20: "usual", 40: "long", 90: "longer"}
    kind = next((kind for most, kind in sizes.items() if len(name) <= most), "longest")
    return f'<span class="{kind}">{shown(name)}</span>'


def _size(text: str) -> str:
    """A class for how large letters can be, so that one line holds them all."""
    return "many" if len(text) > LONGEST_SIZED else f"size{max(len(text), SHORTEST_SIZED)}"
