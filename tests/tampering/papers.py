"""The statement, its signature, the lists beside the copy, the recipient's lists, and which original is shown."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import rfc8785

from tests.tampering.copies import make_scene
from tests.tampering.scene import FOREIGN, KEY, NOON, Scene
from tests.tampering.vectors import insider, outsider
from tests.video.clips import make_clip

_DAY = timedelta(days=1)


@outsider(1, "there is no")
def the_statement_taken_away(scene: Scene) -> None:
    scene.statement.unlink()


@outsider(2, "statement edited")
def the_statement_edited(scene: Scene) -> None:
    scene.edit(lambda said: said["notices"].append("all is well"))


@outsider(2, "statement edited")
def the_statement_edited_with_its_zones(scene: Scene) -> None:
    """As if the zone at the window had never been asked for."""

    def forget(said: dict[str, Any]) -> None:
        said["plan"]["mask"] = said["plan"]["mask"][1:]
        said["plan_sha256"] = hashlib.sha256(rfc8785.dumps(said["plan"])).hexdigest()

    scene.edit(forget)


@outsider(1, "canonical")
def the_statement_written_in_another_order(scene: Scene) -> None:
    said = json.loads(scene.statement.read_bytes())
    turned = dict(reversed(said.items()))
    scene.statement.write_text(json.dumps(turned, separators=(",", ":"), ensure_ascii=False))


@outsider(1, "canonical")
def a_line_break_after_the_statement(scene: Scene) -> None:
    scene.statement.write_bytes(scene.statement.read_bytes() + b"\n")


@outsider(1, "twice")
def a_key_of_the_statement_there_twice(scene: Scene) -> None:
    text = scene.statement.read_bytes()
    scene.statement.write_bytes(text.replace(b'"signed":true', b'"signed":true,"signed":true'))


@outsider(1, "newer privmask")
def a_newer_version_of_the_format(scene: Scene) -> None:
    scene.statement.write_bytes(scene.statement.read_bytes().replace(b"provenance.v1", b"provenance.v2"))
    scene.sign()


@outsider(2, "copy.mp4.provenance.json.sig'; ask whoever gave you the copy")
def the_signature_taken_away(scene: Scene) -> None:
    scene.signature.unlink()


@outsider(2, "nobody signed it, and yet a signature lies beside it")
def a_signed_statement_made_an_unsigned_one(scene: Scene) -> None:
    """Who accepts unsigned copies must not take this for one: a signature still lies there."""
    scene.edit(_unsign)
    scene.asked["accept_unsigned"] = True


def _unsign(said: dict[str, Any]) -> None:
    del said["signer"]
    said.update(signed=False, unsigned_because="no signer was given")


@outsider(2, "cut")
def a_signature_cut_short(scene: Scene) -> None:
    scene.signature.write_bytes(scene.signature.read_bytes()[:150])


@outsider(2, "statement edited")
def the_signature_of_another_statement(scene: Scene) -> None:
    text = scene.statement.read_bytes()
    scene.edit(lambda said: said["notices"].append("another"))
    other = scene.signer.sign(scene.statement.read_bytes())
    scene.statement.write_bytes(text)
    scene.signature.write_bytes(other)


@outsider(2, "namespace")
def a_signature_for_another_purpose(scene: Scene) -> None:
    """The office signed these bytes, but as a letter and not as a statement."""
    scene.signature.write_bytes(scene.signer.sign(scene.statement.read_bytes(), namespace="file"))


@outsider(2, FOREIGN.key_id)
def a_foreign_key_that_the_statement_does_not_name(scene: Scene) -> None:
    scene.signer = FOREIGN
    scene.sign()


@outsider(3, "signed by a key that is not allowed")
def a_foreign_key_that_the_statement_names(scene: Scene) -> None:
    scene.signer = FOREIGN
    scene.edit(lambda said: said["signer"].update(key_id=FOREIGN.key_id))
    scene.sign()


@outsider(3, "the key was not valid at 2026-11-23 12:00:00 UTC")
def an_expired_key(scene: Scene) -> None:
    scene.trust(KEY, before=NOON - _DAY)


@outsider(3, "the key was not valid at 2026-11-23 12:00:00 UTC")
def a_key_that_was_not_valid_yet(scene: Scene) -> None:
    scene.trust(KEY, after=NOON + _DAY)


@outsider(3, "the key was not valid at 2026-11-25 12:00:00 UTC")
def a_key_that_had_expired_when_the_copy_came(scene: Scene) -> None:
    scene.trust(KEY, before=NOON + _DAY)
    scene.asked["at"] = NOON + 2 * _DAY


@outsider(3, "the key was revoked")
def a_revoked_key(scene: Scene) -> None:
    scene.revoked.write_text(f"{KEY.public.text} stolen\n")


@outsider(3, "namespace")
def a_key_for_another_purpose(scene: Scene) -> None:
    scene.trust(KEY, namespaces="file")


@outsider(3, "not of 'archive@example.org'")
def a_key_of_somebody_else_than_was_asked_for(scene: Scene) -> None:
    scene.asked["signer"] = "archive@example.org"


@outsider(3, "line 1")
def a_list_of_signers_that_is_no_list(scene: Scene) -> None:
    scene.allowed.write_text("everybody is allowed\n")


def _elsewhere(scene: Scene) -> Scene:
    folder = scene.folder / "elsewhere"
    folder.mkdir()
    return make_scene("street", folder)


@outsider(5, "made for another copy")
def the_statement_of_another_copy(scene: Scene) -> None:
    """Signed by the same office, under the same name: all of it is honest, and about something else."""
    other = _elsewhere(scene)
    for path in (other.statement, other.signature, other.sums):
        shutil.copy(path, scene.folder)


@outsider(4, "stated is 'copy.mp4'")
def the_copy_and_all_beside_it_renamed(scene: Scene) -> None:
    for path in sorted(scene.folder.glob("copy.mp4*")):
        path.rename(path.with_name(path.name.replace("copy", "other")))
    scene.copy = scene.folder / "other.mp4"


def _edit_sums(scene: Scene, change: Callable[[list[str]], list[str]]) -> None:
    scene.sums.write_text("".join(change(scene.sums.read_text().splitlines(keepends=True))))


@outsider(6, "does not list 'copy.mp4' with the hash that the file has")
def a_hash_changed_in_the_list(scene: Scene) -> None:
    _edit_sums(scene, lambda lines: ["0" * 64 + lines[0][64:], *lines[1:]])


@outsider(6, "does not list 'copy.mp4.provenance.json.sig'")
def the_signature_left_out_of_the_list(scene: Scene) -> None:
    _edit_sums(scene, lambda lines: lines[:2])


@outsider(6, "lists something else besides")
def another_file_listed(scene: Scene) -> None:
    _edit_sums(scene, lambda lines: [*lines, f"{'0' * 64}  clip.mkv\n"])


@insider(7, "the plan is not the one that was hashed")
def the_plan_edited_after_it_was_hashed(scene: Scene) -> None:
    scene.edit(lambda said: said["plan"].update(camera="garden"))


@insider(8, "stated to have changed")
def an_original_that_changed_meanwhile(scene: Scene) -> None:
    scene.edit(lambda said: said["original"].update(sha256_after="0" * 64))


@outsider(9, "bytes, stated are", original=True)
def the_original_exchanged(scene: Scene) -> None:
    make_clip(scene.original, size=(128, 96), frames=60, rate=5, tags={"title": "another"})


@outsider(9, "sha256 is", original=True)
def the_original_changed_by_one_bit(scene: Scene) -> None:
    data = bytearray(scene.original.read_bytes())
    data[-1] ^= 1
    scene.original.write_bytes(data)


def _edit_tracks(scene: Scene, change: Callable[[list[str]], list[str]]) -> None:
    scene.tracks.write_text("".join(change(scene.tracks.read_text().splitlines(keepends=True))))


@outsider(13, "is not the file of tracks that the statement names", "moving")
def the_private_tracks_shortened(scene: Scene) -> None:
    _edit_tracks(scene, lambda lines: lines[:-10])


@outsider(13, "is not the file of tracks that the statement names", "moving")
def the_private_tracks_exchanged(scene: Scene) -> None:
    _edit_tracks(scene, lambda lines: [line.replace('"frame": 3,', '"frame": 2,') for line in lines])


@insider(12, "a zone is not hidden", "moving")
def moving_masks_stated_where_they_were_not(scene: Scene) -> None:
    """The owner's file and the statement agree, and the pictures contradict them."""
    moved = scene.tracks.read_text().replace('"box": [', '"box": [3')
    scene.tracks.write_text(moved)
    record = {"bytes": len(moved), "sha256": hashlib.sha256(moved.encode()).hexdigest()}
    scene.edit(lambda said: said["search"]["tracks_file"].update(record))


@outsider(15, "it was written to while it was verified")
def a_copy_that_is_written_to_meanwhile(scene: Scene) -> None:
    """After its bytes were read, something else is put there for a while, and taken away again."""
    data = scene.copy.read_bytes()

    def meddle(_: object) -> None:
        with Path(scene.copy).open("r+b") as file:
            file.seek(len(data) - 1)
            file.write(data[-1:])

    scene.asked["progress"] = meddle
