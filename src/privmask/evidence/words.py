"""What people are told when the operating system says no: error numbers in words, names made safe to print."""

from __future__ import annotations

import errno
import os
from typing import TypeAlias

from privmask.language import Text

Path: TypeAlias = str | os.PathLike[str]

_WORDS = {
    errno.EACCES: Text("権限がありません", "permission denied"),
    errno.EPERM: Text("許可されていません", "not permitted"),
    errno.EROFS: Text("ファイルシステムが読み取り専用です", "the file system is read-only"),
    errno.ENOSPC: Text("ディスクの空きがありません", "the disk is full"),
    errno.EDQUOT: Text("ディスクの割当てを使い切っています", "the disk quota is used up"),
    errno.EFBIG: Text(
        "ファイルの大きさがここでの上限を超えます", "the file would be larger than the limit that is set here"
    ),
    errno.EIO: Text("装置が読み書きの誤りを報告しました", "the device reported a read or write error"),
    errno.ENOENT: Text("そのようなファイル又はフォルダーはありません", "there is no such file or folder"),
    errno.ENOTDIR: Text("途中の名前がフォルダーではありません", "a part of its path is not a folder"),
    errno.ENAMETOOLONG: Text("名前が長すぎます", "its name is too long"),
    errno.ELOOP: Text("リンクが循環しています", "its path goes round in a circle of links"),
    errno.ESTALE: Text("ファイルサーバーで見つからなくなりました", "the file server no longer knows it"),
    errno.EMFILE: Text("開いているファイルが多すぎます", "too many files are open"),
    errno.ENXIO: Text("ファイルではありません", "it is no file"),
}


def in_words(error: OSError) -> Text:
    """Why the operating system refused, for a person; the number's own text where we have no better."""
    other = error.strerror or type(error).__name__
    return _WORDS.get(error.errno or 0) or Text(other, other)


def noun(what: str) -> str:
    """The Japanese of the words for a file that messages are about."""
    return _NOUNS[what]


_NOUNS = {
    "copy": "複写",
    "file": "ファイル",
    "key": "鍵",
    "folder": "フォルダー",
    "file with the passphrase": "パスフレーズのファイル",
}


def shown(path: Path) -> str:
    """`path` in quotes on one line: line breaks, control and direction characters in a name are escaped."""
    return repr(os.fspath(path))


def anchored(path: Path) -> str:
    """`path` from the root on, so that it means the same after a change of folder.

    `..` stays in it: after a link to a folder it leads elsewhere than its letters say.
    """
    name = os.fspath(path)
    return name if os.path.isabs(name) else os.path.join(os.getcwd(), name)
