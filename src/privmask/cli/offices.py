"""What the governed commands share: which site, who acts, and the way into its office."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import clock
from privmask.cli.helping import both
from privmask.cli.language import said
from privmask.cli.passphrases import first_passphrase, passphrase_of
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.office import Office
    from privmask.register import Receipt

Site = Annotated[
    Path, typer.Option("--site", metavar="FILE", help=both("採択済みの規程。", "The site's adopted rules."))
]
As = Annotated[
    str,
    typer.Option(
        "--as", metavar="PERSON_ID", help=both("作業する人（規程の id）。", "Who acts: a person of the site's rules.")
    ),
]
SITE = Path("site.toml")


def office_of(site: Path, act: str = "open", *, set_back: bool = False) -> AbstractContextManager[Office]:
    """The office of the site, now; `act` says in a refusal at its door what was wanted there."""
    from privmask.office import open_office

    def unlock() -> str:
        return passphrase_of(site.parent / "vault" / "site-key")().decode()

    return open_office(site, clock.now(), act=act, unlock=unlock, choose=first_passphrase, set_back=set_back)


def recorded(receipt: Receipt) -> str:
    """One line that says which entry of the register it became."""
    return said(_RECORDED.with_(seq=receipt.seq, hash=receipt.entry_hash[:16]))


_RECORDED = Text("台帳の記載 {seq}（ハッシュ {hash}…）", "entry {seq} of the register (hash {hash}…)")
