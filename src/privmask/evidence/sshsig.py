"""Signatures in the form of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig), for Ed25519 keys and SHA-512 only.

Those of an Ed25519 key that stays in hardware (FIDO, OpenSSH's PROTOCOL.u2f) are read as well; only the hardware makes them.
A signature that is read may be an enemy's: every field is held against what we would have written ourselves.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from privmask.errors import EvidenceError

NAMESPACE = "privmask.provenance.v1"
KEY_TYPE = "ssh-ed25519"
HARDWARE_TYPE = "sk-ssh-ed25519@openssh.com"
LARGEST_SIGNATURE = 16 << 10

_MAGIC = b"SSHSIG"
_HASH = "sha512"
_VERSION = 1
_LINE = 70
_TOUCHED = 0x01  # the flag with which the hardware says that somebody touched it
_ARMOUR = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n-----END SSH SIGNATURE-----(?:\r?\n)*"
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key: its 32 bytes, and for a key in hardware the application that it is for (`ssh:`)."""

    raw: bytes
    application: bytes | None = None

    @property
    def kind(self) -> str:
        """The type, as SSH calls it."""
        return KEY_TYPE if self.application is None else HARDWARE_TYPE

    @property
    def blob(self) -> bytes:
        """The key as SSH sends it."""
        application = b"" if self.application is None else _string(self.application)
        return _string(self.kind.encode()) + _string(self.raw) + application

    @property
    def key_id(self) -> str:
        """The fingerprint as `ssh-keygen -l` shows it: SHA256: and 43 letters."""
        return "SHA256:" + base64.b64encode(_sha256(self.blob)).decode().rstrip("=")

    @property
    def text(self) -> str:
        """Type and key, as they stand in `.pub` files and in `allowed_signers`."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @classmethod
    def parse(cls, kind: str, encoded: str) -> PublicKey:
        """The key of two such words; `EvidenceError` for any other kind of key or a broken one."""
        _require_known(kind.encode())
        try:
            key = cls.from_blob(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError) as cause:
            raise EvidenceError("a broken public key: it is no base64") from cause
        if key.kind != kind:
            raise EvidenceError(f"a broken public key: it is called {kind}, and is of type {key.kind}")
        return key

    @classmethod
    def from_blob(cls, blob: bytes) -> PublicKey:
        """The key as SSH sends it; `EvidenceError` for anything else."""
        fields = Fields(blob, "the public key")
        kind = fields.string()
        _require_known(kind)
        raw = fields.string()
        application = fields.string() if kind == HARDWARE_TYPE.encode() else None
        fields.require_end()
        if len(raw) != 32:
            raise EvidenceError(f"a public key of {len(raw)} bytes, expected 32")
        return cls(raw, application)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that was read: by which key, for which namespace, and its 64 bytes. Nothing is verified yet.

    `touch` is what hardware adds and signs as well: one byte of flags and four of a counter.
    """

    key: PublicKey
    namespace: str
    value: bytes
    touch: bytes = b""

    def holds_for(self, message: bytes) -> bool:
        """Whether the key signed just these bytes for this namespace."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        signed = _signed(message, self.namespace)
        if self.key.application is not None:
            signed = _sha256(self.key.application) + self.touch + _sha256(signed)
        try:
            Ed25519PublicKey.from_public_bytes(self.key.raw).verify(self.value, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


def write_signature(
    message: bytes, key: PublicKey, sign: Callable[[bytes], bytes], namespace: str = NAMESPACE
) -> bytes:
    """The armoured signature of `message`, byte for byte what `ssh-keygen -Y sign` writes; `sign` is the bare Ed25519 one."""
    value = _string(KEY_TYPE.encode()) + _string(sign(_signed(message, namespace)))
    fields = (key.blob, namespace.encode(), b"", _HASH.encode(), value)
    encoded = base64.b64encode(_MAGIC + _VERSION.to_bytes(4, "big") + b"".join(map(_string, fields))).decode()
    lines = [encoded[start : start + _LINE] for start in range(0, len(encoded), _LINE)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def read_signature(text: bytes) -> Signature:
    """The signature in `text`; `EvidenceError` that says what is wrong with it."""
    fields = Fields(_unarmoured(text), "the signature")
    if fields.take(len(_MAGIC)) != _MAGIC:
        raise EvidenceError("the signature is no SSH signature: it does not begin with SSHSIG")
    if (version := int.from_bytes(fields.take(4), "big")) != _VERSION:
        raise EvidenceError(f"the signature is of version {version}, expected {_VERSION}")
    blob, namespace, reserved, hashed, value = (fields.string() for _ in range(5))
    fields.require_end()
    if reserved:
        raise EvidenceError("the signature holds something in the field that must be empty")
    if hashed != _HASH.encode():
        raise EvidenceError(f"the signature is over {hashed[:60]!r}, expected {_HASH}")
    key = PublicKey.from_blob(blob)
    return Signature(key, namespace.decode("utf-8", "backslashreplace"), *_value(value, key))


def _value(blob: bytes, key: PublicKey) -> tuple[bytes, bytes]:
    fields = Fields(blob, "the signature")
    kind, value = fields.string(), fields.string()
    if kind != key.kind.encode() or len(value) != 64:
        raise EvidenceError(f"the signature is {len(value)} bytes of type {kind[:60]!r}, expected 64 of {key.kind}")
    touch = fields.take(5) if key.application is not None else b""
    fields.require_end()
    if touch and not touch[0] & _TOUCHED:
        raise EvidenceError("the hardware signed without a touch; make a key that asks for one, and sign again")
    return value, touch


def _require_known(kind: bytes) -> None:
    if kind not in (KEY_TYPE.encode(), HARDWARE_TYPE.encode()):
        raise EvidenceError(f"a key of type {kind[:60]!r}; only {KEY_TYPE} and {HARDWARE_TYPE} keys are used")


def _signed(message: bytes, namespace: str) -> bytes:
    fields = (namespace.encode(), b"", _HASH.encode(), hashlib.sha512(message).digest())
    return _MAGIC + b"".join(map(_string, fields))


def _unarmoured(text: bytes) -> bytes:
    found = _ARMOUR.fullmatch(text) if len(text) <= LARGEST_SIGNATURE else None
    if not found:
        raise EvidenceError(
            "the signature is not between the lines BEGIN SSH SIGNATURE and END SSH SIGNATURE, or is cut"
        )
    try:
        return base64.b64decode(found[1].replace(b"\n", b"").replace(b"\r", b""), validate=True)
    except binascii.Error as cause:
        raise EvidenceError("the signature is no base64") from cause


def _sha256(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


class Fields:
    """The length-prefixed strings of SSH, read to the last byte; `what` is their word in an `EvidenceError`."""

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._what = what

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > len(self._data):
            raise EvidenceError(f"{self._what} is cut: {count} bytes are announced and {len(self._data)} are left")
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    def string(self) -> bytes:
        """The next string."""
        return self.take(int.from_bytes(self.take(4), "big"))

    def require_end(self) -> None:
        """Raise `EvidenceError` if anything is left."""
        if self._data:
            raise EvidenceError(f"{self._what} has {len(self._data)} bytes too many")
