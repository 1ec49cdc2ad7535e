"""Who signs what a command makes: a key in a file, a key in an agent or in hardware, or nobody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from privmask.cli.language import said
from privmask.cli.passphrases import passphrase_of
from privmask.cli.words import note
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.evidence import Signer

NO_KEY = Text(
    "署名する鍵がありません。作るには：privmask keys new。別の鍵を使うには --key FILE、又は --agent PUBKEY（エージェントか"
    "ハードウェアの鍵）。--unsigned では誰も署名しません。誤りや破損は分かりますが、複写と来歴を一緒に書き換えた偽造は"
    "分かりません。",
    "there is no key to sign with. Make one: privmask keys new. Or name one: --key FILE, or --agent PUBKEY for a key in an "
    "agent or in hardware. With --unsigned nobody signs: the statement then shows mistakes and damage, but not a forger who "
    "rewrites copy and statement together.",
)

_TRIAL = b"privmask asks whether this key is at hand"


def signer_of(key: Path | None, agent: Path | None, *, unsigned: bool) -> Signer | None:
    """The signer that --key, --agent or --unsigned asks for, or that of the default key; None for nobody.

    It has signed once when it is returned: a long job should not come to its end without a key. Raises PlanError if two of
    them are asked for, or if none is and there is no default key; and EvidenceError if the key cannot be used.
    """
    if [key is None, agent is None, not unsigned].count(False) > 1:
        raise PlanError(_ONE_OF_THREE)
    if unsigned:
        return None
    from privmask.evidence import signed_by

    signer = _signer(key, agent)
    signed_by(signer, _TRIAL)
    return signer


def _signer(key: Path | None, agent: Path | None) -> Signer:
    from privmask.evidence import AgentSigner, KeyFileSigner
    from privmask.evidence.keyring import default_key

    if agent is not None:
        note(said(_TOUCH))
        return AgentSigner(agent)
    path = key or default_key()
    if path is None:
        raise PlanError(NO_KEY)
    return KeyFileSigner(path, passphrase_of(path))


_ONE_OF_THREE = Text(
    "--key、--agent、--unsigned は、どれか1つだけ指定してください",
    "--key, --agent and --unsigned exclude each other; say one of them",
)
_TOUCH = Text(
    "ハードウェアの鍵は、今と、複写ができたときに、触れる必要があるかもしれません",
    "a key in hardware may have to be touched now, and again when the copy is done",
)
