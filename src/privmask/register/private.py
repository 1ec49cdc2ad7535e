"""Who else could read the register: nobody, or it is not opened."""

from __future__ import annotations

import ctypes
import os
import stat

from privmask.errors import CopyError, PlanError, PolicyError
from privmask.language import Text
from privmask.register.note import note_of
from privmask.register.schema import CANNOT_WRITE, PathLike


def require_private(path: PathLike) -> None:
    """Raise PlanError where there is no file, PolicyError unless file and folder are this user's and nobody else may open them.

    It is not opened for that: closing any descriptor of a file takes SQLite's locks on it away from the whole process.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        found, around = os.lstat(path), os.stat(folder)
    except OSError as cause:
        raise PlanError(_NOT_THERE.with_(path=os.fspath(path))) from cause
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        raise PolicyError(_NO_FILE.with_(path=os.fspath(path)), clause="II-6(1)")
    require_local(folder)
    _require_alone(os.fspath(path), found, 0o600)
    _require_alone(folder, around, 0o700)
    for beside in (f"{os.fspath(path)}-wal", f"{os.fspath(path)}-shm", note_of(path)):
        if os.path.lexists(beside):
            _require_alone(beside, os.lstat(beside), 0o600)


def require_private_folder(folder: str) -> None:
    """Make the folder (0700) if it is not there; PolicyError if others may enter it."""
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        found = os.stat(folder)
    except OSError as cause:
        raise CopyError(CANNOT_WRITE.with_(path=folder, why=cause.strerror)) from cause
    require_local(folder)
    _require_alone(folder, found, 0o700)


def require_local(folder: str) -> None:
    """Raise PolicyError for a folder of another machine: there SQLite cannot keep two writers apart, and entries are lost."""
    if _file_system(folder) in _OF_OTHER_MACHINES:
        raise PolicyError(_SHARED.with_(path=folder), clause="II-6(1)")


def _file_system(folder: str) -> int:
    """The number by which Linux knows the kind of file system (statfs); 0 where it cannot be told."""
    found = (ctypes.c_long * 64)()  # struct statfs, which begins with f_type and is far shorter
    told = ctypes.CDLL(None, use_errno=True).statfs(os.fsencode(folder), ctypes.byref(found)) == 0
    return found[0] & 0xFFFFFFFF if told else 0


def _require_alone(path: str, found: os.stat_result, allowed: int) -> None:
    if stat.S_IMODE(found.st_mode) & 0o077:
        mode = f"{stat.S_IMODE(found.st_mode):03o}"
        raise PolicyError(_OPEN_TO_OTHERS.with_(path=path, mode=mode, allowed=f"{allowed:03o}"), clause="II-5")
    if found.st_uid != os.geteuid():
        raise PolicyError(_ANOTHERS.with_(path=path), clause="II-5")


# NFS, SMB in three forms, NCP, AFS in two, Coda, Ceph, Lustre, 9P.
_OF_OTHER_MACHINES = {
    0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x564C, 0x5346414F, 0x6B414653, 0x73757245, 0x00C36400, 0x0BD00BD0, 0x01021997,
}  # fmt: skip
_SHARED = Text(
    "{path} はネットワーク上の共有ディスクです。2台の機械が同時に記載すると記載が失われます。"
    "台帳はこの機械のディスクに置いてください",
    "{path} lies on a network share, where entries of two machines would be lost; keep the register on a disk of this machine",
)
_NOT_THERE = Text(
    "台帳 {path} がありません。場所を確かめてください",
    "there is no register at {path}; look at where you are, and at the name",
)
_NO_FILE = Text(
    "台帳 {path} は普通のファイルではないか、別の名前（リンク）があります。台帳そのものを、名前ひとつで置いてください",
    "the register {path} is no regular file, or has other names (links); put the register itself there, under one name",
)
_OPEN_TO_OTHERS = Text(
    "{path} は他の利用者にも開かれています（モード {mode}）。chmod {allowed} で閉じてください",
    "{path} is open to other users (mode {mode}); close it: chmod {allowed}",
)
_ANOTHERS = Text(
    "{path} は別の利用者のものです。台帳の持ち主として実行してください",
    "{path} belongs to another user; work as the register's owner",
)
