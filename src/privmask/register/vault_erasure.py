"""Erasing: the key destroyed, what lies there overwritten where that can mean anything, removed; and what that cannot promise.

What is to be erased stands in a folder of its own, and each step that is done is written down beside it before the next: an
erasure that was interrupted goes on where it stopped, and in the end its list of steps is all that is left.
"""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass

from privmask.language import Text
from privmask.register.vault_files import overwrite, sync_folder
from privmask.register.vault_layout import ERASED, ERASING, KEY, SITE_KEY

STEPS = "steps"
"""Name of the list of steps in the folder that is being erased."""


class Step(enum.Enum):
    """One step of an erasure; its value is the word for records."""

    KEY_OVERWRITTEN = "key-overwritten"
    KEY_REMOVED = "key-removed"
    FILES_OVERWRITTEN = "files-overwritten"
    FILES_REMOVED = "files-removed"

    @property
    def text(self) -> Text:
        """The step as a sentence."""
        return _SAID[self]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done to erase `id`, in order, and what that cannot promise."""

    id: str
    steps: tuple[Step, ...]

    @property
    def text(self) -> Text:
        """What the steps come to, in one sentence."""
        return PROMISED

    @property
    def cannot_promise(self) -> tuple[Text, ...]:
        """The limits, to be told and recorded with the erasure."""
        overwritten = {Step.KEY_OVERWRITTEN, Step.FILES_OVERWRITTEN} & {*self.steps}
        return (BACKUPS, ELSEWHERE, DEVICE if overwritten else NOT_IN_PLACE)


PROMISED = Text(
    "鍵を破棄し、ファイルを削除しました。このシステムに残っているものでは、もう開けません。",
    "the key was destroyed and the file removed; nothing left in this system opens it",
)
BACKUPS = Text(
    "保管庫の控え（バックアップ、スナップショット）に鍵が残っていれば、サイトの鍵を持つ人はその控えを開けます。",
    "a backup or snapshot of the vault that still holds the key can be opened with the site's key",
)
ELSEWHERE = Text(
    "原本、提供済みの複写、取り出した複写、メモリーやスワップには及びません。",
    "originals, copies that were handed over or taken out, memory and swap are not reached",
)
DEVICE = Text(
    "ディスク（特にフラッシュメモリー）は、上書きする前の内容を内部に残していることがあります。",
    "a disk, flash above all, may keep inside what was there before it was overwritten",
)
NOT_IN_PLACE = Text(
    "このファイルシステムでは上書きが元の場所に届くとは限らないため、上書きしていません。元の内容がディスクに残っていることがあります。",
    "this file system may write elsewhere instead of in place, so nothing was overwritten; the disk may keep what was there",
)

_SAID = {
    Step.KEY_OVERWRITTEN: Text("鍵を上書きしました。", "the key was overwritten"),
    Step.KEY_REMOVED: Text("鍵を削除しました。", "the key was removed"),
    Step.FILES_OVERWRITTEN: Text("暗号化されたファイルを上書きしました。", "the encrypted files were overwritten"),
    Step.FILES_REMOVED: Text("暗号化されたファイルを削除しました。", "the encrypted files were removed"),
}


def complete(vault: str, id: str) -> Erasure:
    """Destroy what stands in the vault's folder of erasures under `id`, from wherever that was left; what was done.

    `SITE_KEY` as id is the site's key itself. `FileNotFoundError` if nothing of that id is or was being erased.
    """
    erasing, erased = os.path.join(vault, ERASING, id), os.path.join(vault, ERASED, id)
    if id == SITE_KEY and os.path.lexists(site_key := os.path.join(vault, SITE_KEY)):
        os.rename(site_key, os.path.join(erasing, KEY))
    if os.path.isdir(erasing):
        if os.listdir(erasing) or not os.path.lexists(erased):
            _destroy(erasing, [KEY], Step.KEY_OVERWRITTEN, Step.KEY_REMOVED)
            rest = sorted({*os.listdir(erasing)} - {STEPS})
            _destroy(erasing, rest, Step.FILES_OVERWRITTEN, Step.FILES_REMOVED)
            os.replace(os.path.join(erasing, STEPS), erased)
            sync_folder(os.path.dirname(erased))
        os.rmdir(erasing)
        sync_folder(os.path.dirname(erasing))
    return _read_erasure(id, erased)


def _read_erasure(id: str, steps: str) -> Erasure:
    """The erasure of which the file `steps` tells; a line that a crash cut short counts as not done."""
    with open(steps, encoding="ascii", errors="replace") as file:
        done = {line.strip() for line in file if line.endswith("\n")}
    return Erasure(id, tuple(step for step in Step if step.value in done))


def _destroy(folder: str, names: list[str], overwritten: Step, removed: Step) -> None:
    paths = [os.path.join(folder, name) for name in names]
    there = [path for path in paths if os.path.lexists(path)]
    if there and all(list(map(_overwritten, there))):
        _write_down(folder, overwritten)
    for path in there:
        os.unlink(path)
    sync_folder(folder)
    _write_down(folder, removed)


def _overwritten(path: str) -> bool:
    return os.path.isfile(path) and not os.path.islink(path) and overwrite(path)


def _write_down(folder: str, step: Step) -> None:
    path = os.path.join(folder, STEPS)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, f"\n{step.value}\n".encode())  # the first end of line closes a line that a crash cut short
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(folder)
