"""Who signs: a key in a file, or a key that stays in an agent or in hardware, through the `ssh-keygen` of this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from privmask.errors import EvidenceError
from privmask.evidence.keys import Ask, read_key, read_public
from privmask.evidence.sshsig import NAMESPACE, PublicKey, read_signature, write_signature
from privmask.evidence.words import Path, shown
from privmask.language import Text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PATIENCE = 120
"""Seconds that an agent has, for a person to touch a key or to type a PIN."""


class Signer(Protocol):
    """Signs statements. `key_id` is the fingerprint (SHA256:…) that the statement names before it is signed."""

    @property
    def key_id(self) -> str:
        """The fingerprint of the key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The armoured SSH signature of `message` in the namespace of statements; `EvidenceError` if it cannot be made."""
        ...


class KeyFileSigner:
    """Signs with the private key of an OpenSSH file, which is read and unlocked at once."""

    def __init__(self, path: Path, ask: Ask | None = None) -> None:
        self._private = _unlocked(read_key(path), path, ask)
        self._public = PublicKey(self._private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """The fingerprint of the key."""
        return self._public.key_id

    def sign(self, message: bytes) -> bytes:
        """The armoured signature."""
        return write_signature(message, self._public, self._private.sign)


class AgentSigner:
    """Signs by `ssh-keygen -Y sign` with the key of a `.pub` file, whose private half an agent holds."""

    def __init__(self, public: Path) -> None:
        self._path = os.path.abspath(public)
        self._public = read_public(public)

    @property
    def key_id(self) -> str:
        """The fingerprint of the key."""
        return self._public.key_id

    def sign(self, message: bytes) -> bytes:
        """The armoured signature, checked: what comes back is another program's."""
        import subprocess

        words = ["ssh-keygen", "-Y", "sign", "-q", "-f", self._path, "-n", NAMESPACE]
        try:
            done = subprocess.run(words, input=message, capture_output=True, timeout=_PATIENCE)
        except FileNotFoundError as cause:
            raise EvidenceError(
                Text(
                    "エージェントに署名させる ssh-keygen がこの機械にありません",
                    "there is no ssh-keygen on this machine, which asks the agent to sign",
                )
            ) from cause
        except subprocess.TimeoutExpired as cause:
            raise EvidenceError(
                Text(
                    f"エージェントが{_PATIENCE}秒以内に署名しませんでした",
                    f"the agent did not sign within {_PATIENCE} s",
                )
            ) from cause
        if done.returncode:
            raise EvidenceError(f"the agent did not sign: {done.stderr.decode(errors='replace').strip()[:200]}")
        return done.stdout


def signed_by(signer: Signer, message: bytes) -> bytes:
    """The signature of `message`, made by `signer` and verified at once; `EvidenceError` if it does not hold."""
    text = signer.sign(message)
    made = read_signature(text)
    if made.key.key_id != signer.key_id or made.namespace != NAMESPACE or not made.holds_for(message):
        raise EvidenceError(
            Text(
                f"署名者 {signer.key_id} の署名が成り立ちません。何も残していません",
                f"the signer {signer.key_id} gave a signature that does not hold; nothing was published",
            )
        )
    return text


def _unlocked(text: bytes, path: Path, ask: Ask | None) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        try:
            found = load_ssh_private_key(text, None)
        except TypeError as cause:  # it is locked
            if ask is None:
                raise EvidenceError(
                    Text(
                        f"鍵 {shown(path)} にはパスフレーズがありますが、入力されませんでした",
                        f"the key {shown(path)} has a passphrase, and nobody was there to give it",
                    )
                ) from cause
            found = load_ssh_private_key(text, ask())
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise EvidenceError(
            Text(
                f"鍵 {shown(path)} は使えません。パスフレーズが違うか、OpenSSH の鍵ではありません",
                f"the key {shown(path)} cannot be used: wrong passphrase, or no key of OpenSSH",
            )
        ) from cause
    if not isinstance(found, Ed25519PrivateKey):
        raise EvidenceError(
            Text(
                f"鍵 {shown(path)} は Ed25519 の鍵ではありません。作るには：privmask keys new",
                f"the key {shown(path)} is not an Ed25519 key; make one with: privmask keys new",
            )
        )
    return found
