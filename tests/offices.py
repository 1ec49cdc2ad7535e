"""Sites with adopted rules, in which something can be done."""

from __future__ import annotations

from pathlib import Path

from privmask.adopting import adopt_site
from privmask.evidence import KeyFileSigner
from privmask.evidence.keyring import KEY
from tests.evidence import rings
from tests.policy.sites import NOON, keyed, site_text


def make_site(folder: Path, *changes: tuple[str, str], adopted: bool = True) -> Path:
    """`site.toml` of the good rules with these changes, in the new folder `folder`; keys are in `folder/../keys`."""
    folder.mkdir()
    (folder / "reference").mkdir()
    (folder / "reference" / "gate.png").write_bytes(b"a picture")
    (folder / "site.toml").write_bytes(site_text(*changes))
    if adopted:
        adopt(folder / "site.toml")
    return folder / "site.toml"


def signer_of(site: Path) -> KeyFileSigner:
    """The key beside the site's folder, made if it is not there."""
    keys = site.parent.parent / "keys"
    if not keys.exists():
        rings.make(keys)
    return KeyFileSigner(keys / KEY)


def adopt(site: Path) -> None:
    """The manager adopts the rules as they are, after naming the key in them if they do not."""
    signer = signer_of(site)
    if b"\nkey = " not in site.read_bytes():
        site.write_bytes(keyed(site.read_bytes(), signer.key_id))
    adopt_site(site, "sato", signer, NOON)
