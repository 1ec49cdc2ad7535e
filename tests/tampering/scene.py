"""What lies before a recipient: a signed copy with its companions, its original, and the lists of whom the recipient trusts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privmask import Check, Verdict, verify_copy
from privmask.evidence.allowed import AllowedSigner, allowed_line
from privmask.evidence.names import PROVENANCE, SIGNATURE, SUMS, TRACKS
from privmask.evidence.sshsig import NAMESPACE, PublicKey, write_signature
from privmask.video import hash_packets

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""When every copy of the drill was made."""

OFFICE = "office@example.org"


class HeldKey:
    """A signer whose key is in memory; each seed gives another."""

    def __init__(self, seed: int) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = PublicKey(self._private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        return self.public.key_id

    def sign(self, message: bytes, namespace: str = NAMESPACE) -> bytes:
        return write_signature(message, self.public, self._private.sign, namespace)


KEY, FOREIGN = HeldKey(1), HeldKey(2)


@dataclass(slots=True)
class Scene:
    """One folder with all of it. `asked` is what the recipient asks `verify_copy` for besides."""

    folder: Path
    copy: Path
    original: Path
    signer: HeldKey = KEY
    asked: dict[str, Any] = field(default_factory=dict)

    @property
    def statement(self) -> Path:
        return Path(f"{self.copy}{PROVENANCE}")

    @property
    def signature(self) -> Path:
        return Path(f"{self.copy}{SIGNATURE}")

    @property
    def sums(self) -> Path:
        return Path(f"{self.copy}{SUMS}")

    @property
    def tracks(self) -> Path:
        return Path(f"{self.copy}{TRACKS}")

    @property
    def allowed(self) -> Path:
        return self.folder / "allowed_signers"

    @property
    def revoked(self) -> Path:
        return self.folder / "revoked"

    def at(self, folder: Path) -> Scene:
        """The same scene in a copy of its folder."""
        return replace(
            self, folder=folder, copy=folder / self.copy.name, original=folder / self.original.name, asked={}
        )

    def trust(self, *keys: HeldKey, **limits: Any) -> None:
        """The recipient trusts these keys, as far as `limits` go, and knows of none that was revoked."""
        lines = [allowed_line(AllowedSigner(OFFICE, key.public, **limits)) for key in keys]
        self.allowed.write_text("\n".join(lines) + "\n")
        self.revoked.write_text("")

    def verify(self, *, with_original: bool) -> Verdict:
        """What the recipient does."""
        given = {"original": self.original} if with_original else {}
        lists = {"allowed_signers": self.allowed, "revoked": self.revoked}
        return verify_copy(self.copy, **{**lists, **given, **self.asked})

    def predicate(self) -> dict[str, Any]:
        """What the statement says."""
        said: dict[str, Any] = json.loads(self.statement.read_bytes())["predicate"]
        return said

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the statement's predicate; it stays canonical, and the signature stays as it was."""
        said = json.loads(self.statement.read_bytes())
        change(said["predicate"])
        said["subject"] = [
            {"name": said["predicate"]["copy"]["name"], "digest": {"sha256": said["predicate"]["copy"]["sha256"]}}
        ]
        self.statement.write_bytes(rfc8785.dumps(said))

    def sign(self) -> None:
        """Sign the statement as it is, with the scene's key, and list all in SHA256SUMS."""
        self.signature.write_bytes(self.signer.sign(self.statement.read_bytes()))
        self.list_sums()

    def list_sums(self) -> None:
        """SHA256SUMS as the files are now."""
        listed = [path for path in (self.copy, self.statement, self.signature) if path.exists()]
        lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in listed]
        self.sums.write_text("".join(lines))

    def restate(self, change: Callable[[dict[str, Any]], object] = lambda _: None) -> None:
        """What an insider does: state the copy as it is now, every hash right, then `change` that, and sign it."""
        data = self.copy.read_bytes()
        with self.copy.open("rb", buffering=0) as file:
            found = hash_packets(file, stream=0)
        gops = [{"start": str(gop.start), "packets": gop.packets, "sha256": gop.sha256} for gop in found.gops]
        parts = {"stream_sha256": found.stream_sha256, "gops": gops}
        record = {"name": self.copy.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

        def state(said: dict[str, Any]) -> None:
            said["copy"] = {**record, **parts}
            said["frames"]["out"] = found.packets
            change(said)

        self.edit(state)
        self.sign()


def check_of(verdict: Verdict, number: int) -> Check:
    """The check of that number; there must be one."""
    found: dict[int, Check] = {check.number: check for check in verdict.checks}
    return found[number]
