"""The folder that holds the keys of this user: where it is, and what stands in it."""

from __future__ import annotations

import os

from privmask.errors import EvidenceError

KEY = "signing-key"
PUBLIC = "signing-key.pub"
ALLOWED = "allowed_signers"
REVOKED = "revoked"
FOLDER_VARIABLE = "PRIVMASK_KEYS"


def default_folder() -> str:
    """Where keys are kept: PRIVMASK_KEYS, else `privmask/keys` in the user's folder of settings. It may not be there yet."""
    named, settings = os.environ.get(FOLDER_VARIABLE), os.environ.get("XDG_CONFIG_HOME")
    if named:
        return named
    if settings and os.path.isabs(settings):  # another one is to be ignored, says the XDG specification
        return os.path.join(settings, "privmask", "keys")
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        raise EvidenceError(f"there is no home folder to keep keys in; name a folder in {FOLDER_VARIABLE}")
    return os.path.join(home, ".config", "privmask", "keys")


def default_key() -> str | None:
    """The private key in that folder; None if nothing has its name there. Whether it may be used, `read_key` tells."""
    path = os.path.join(default_folder(), KEY)
    return path if os.path.lexists(path) else None
