"""One copy at rest: its folder written whole, and its streams opened."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from privmask.errors import EvidenceError, PolicyError
from privmask.register import vault_words as words
from privmask.register.vault_age import Identity, decrypt, decrypting, encrypt, new_identity
from privmask.register.vault_files import Path, create_private, open_regular, sync, sync_folder
from privmask.register.vault_layout import COPY, KEY, PRIVATE, Held, write_held
from privmask.register.vault_streams import Checked, ChunkReader, Counted, Reader, file_chunks
from privmask.register.vault_unit import pack, require_plain


def write_copy(
    folder: str, recipient: str, shared: Mapping[str, Path], private: Mapping[str, Path], at: datetime
) -> Held:
    """Make the folder of a copy, named by its id: the files encrypted with a new key, and that wrapped to `recipient`.

    The first of the `shared` files is the copy. All of it is on the disk afterwards, except the folder's own name.
    """
    _require_names([*shared, *private], len(shared) + len(private))
    os.mkdir(folder, 0o700)
    identity, public = new_identity()
    copy, rest = Counted(), Counted()
    streams = {COPY: _write_stream(os.path.join(folder, COPY), public, pack(shared, at, copy))}
    if private:
        streams[PRIVATE] = _write_stream(os.path.join(folder, PRIVATE), public, pack(private, at, rest))
    id = os.path.basename(folder)
    held = Held(id, copy.sha256, copy.bytes, at, streams)
    with create_private(os.path.join(folder, KEY)) as file:
        encrypt(io.BytesIO(f"{_about(id)}\n{identity}\n".encode()), file, [recipient])
        sync(file)
    write_held(folder, held)
    sync_folder(folder)
    return held


@contextmanager
def opened_copy(folder: str, held: Held, stream: str, site_identity: Identity) -> Iterator[Reader]:
    """A stream of the copy, decrypted as it is read; `EvidenceError` at its end at the latest, unless it is what was put."""
    descriptor = open_regular(os.path.join(folder, stream))
    try:
        sealed = ChunkReader(file_chunks(descriptor, stream))
        with decrypting(sealed, [_copy_identity(folder, site_identity)]) as plain:
            yield Checked(plain, held.streams[stream])
    finally:
        os.close(descriptor)


def _require_names(names: list[str], count: int) -> None:
    for name in names:
        require_plain(name)
    if len({name.casefold() for name in names}) != count:
        raise PolicyError(words.SAME_NAME, clause="II-6(1)")


def _write_stream(path: str, public: str, chunks: Iterator[bytes]) -> str:
    """SHA-256 of the chunks, which are encrypted into the new file `path`."""
    plain = Counted(source=ChunkReader(chunks))
    with create_private(path) as file:
        encrypt(plain, file, [public])
        sync(file)
    return plain.sha256


def _copy_identity(folder: str, site_identity: Identity) -> Identity:
    descriptor = open_regular(os.path.join(folder, KEY))
    key = io.BytesIO()
    try:
        decrypt(ChunkReader(file_chunks(descriptor, KEY)), key, [site_identity])
    finally:
        os.close(descriptor)
    text = key.getvalue().decode(errors="replace")
    if _about(os.path.basename(folder)) not in text.splitlines():
        raise EvidenceError(words.OTHER_COPY)
    return text


def _about(id: str) -> str:
    return f"# privmask copy {id}"
