"""What clerks are told by the vault and by sealing, in both languages."""

from __future__ import annotations

import errno
import os

from privmask.language import Text

_WHY = {
    errno.ENOSPC: Text("ディスクの空きがありません", "the disk is full"),
    errno.EDQUOT: Text("ディスクの割当量を使い切っています", "the disk quota is used up"),
    errno.EACCES: Text("アクセス権がありません", "permission denied"),
    errno.EPERM: Text("許可されていません", "not permitted"),
    errno.EROFS: Text("読み取り専用のファイルシステムです", "the file system is read-only"),
    errno.ENOENT: Text("ファイル又はフォルダーがありません", "there is no such file or folder"),
    errno.ENOTDIR: Text("フォルダーではありません", "a part of its path is not a folder"),
    errno.ELOOP: Text("リンクです", "it is a link"),
    errno.EIO: Text("装置の読み書きに失敗しました", "the device reported a read or write error"),
    errno.ENOLCK: Text(
        "ファイルシステムが排他制御に対応していません", "the file system has no locks; use a disk of this machine"
    ),
}


def why(error: OSError) -> Text:
    """Why the operating system refused; the number's own words where there are no better."""
    said = error.strerror or type(error).__name__
    return _WHY.get(error.errno or 0) or Text(said, said)


def shown(path: str | os.PathLike[str]) -> str:
    """`path` in quotes on one line, control characters escaped."""
    return repr(os.fspath(path))


NO_PYRAGE = Text(
    "暗号化に必要なパッケージ pyrage がありません。pip install 'pyrage>=1.3,<2' を実行してください。",
    "the package pyrage, which encrypts, is missing; run: pip install 'pyrage>=1.3,<2'",
)
NO_RECIPIENTS = Text("提供先の鍵がありません。", "there is no recipient to encrypt to; name a key or a passphrase")
TWO_PASSPHRASES = Text("パスフレーズは一つだけにしてください。", "there may be one passphrase only")
SHORT_PASSPHRASE = Text(
    "パスフレーズが短すぎます（{least} 文字以上にしてください）。",
    "the passphrase is too short: at least {least} characters",
)
STRANGE_RECIPIENT = Text(
    "{number} 番目の提供先の鍵を読めません。age1… 又は ssh-ed25519 AAAA… の公開鍵にしてください。",
    "recipient {number} is no public key that can be encrypted to; expected age1… or ssh-ed25519 AAAA…",
)
PRIVATE_RECIPIENT = Text(
    "{number} 番目の提供先は秘密鍵です。公開鍵（age1…）を使ってください。",
    "recipient {number} is a private key; it should not be here: use its public half (age1…)",
)
STRANGE_IDENTITY = Text("鍵を読めません。", "the key is no age identity (AGE-SECRET-KEY-1…)")
NOT_WRITTEN = Text("{path} に書き込めません：{why}。", "{path} cannot be written: {why}")
NOT_READ = Text("{path} を読めません：{why}。", "{path} cannot be read: {why}")
NOT_A_FILE = Text("{path} は通常のファイルではありません。", "{path} is no regular file")
CHANGED = Text(
    "{path} は読み取り中に変更されました。何も残していません。",
    "{path} changed while it was read; nothing was kept",
)
EXISTS = Text(
    "{path} は既にあります。上書きしません。別の名前にしてください。",
    "{path} exists already; privmask replaces nothing. Choose another name",
)
NO_NAMING = Text(
    "{path} のファイルシステムでは、既存のものを壊さずに名前を付けられません。別のディスクを使ってください。",
    "the file system of {path} cannot name a folder without replacing another; use another disk",
)
DAMAGED = Text(
    "暗号化されたファイルが壊れているか、改変されています。何も残していません。",
    "the sealed file is damaged or was tampered with; nothing of it was kept",
)
FOR_OTHERS = Text(
    "この鍵では開けません。別の相手に向けて暗号化されています。",
    "the key does not open it: it was sealed for others",
)
WRONG_PASSPHRASE = Text(
    "パスフレーズが違うか、鍵が壊れています。", "the passphrase is wrong, or the locked key is damaged"
)
OTHER_BYTES = Text(
    "復号した内容が、保管したときのものと違います。何も残していません。",
    "what was decrypted is not what was put into the vault; nothing of it was kept",
)
STRANGE_NAME = Text(
    "使えないファイル名です。", "a file name that cannot be kept: it must be one plain name, without / or \\"
)
SAME_NAME = Text("同じ名前のファイルが二つあります。", "two files have the same name")
STRANGE_UNIT = Text("保管された内容を読めません。", "what was decrypted is no unit of files that the vault made")

NO_ZONE = Text("日時に時差（タイムゾーン）がありません。", "the time has no time zone")
NO_VAULT = Text("{path} は保管庫ではありません。", "{path} is no vault; make one with create_vault")
OTHER_FORMAT = Text(
    "{path} は、この版では読めない形式の保管庫です。privmask を更新してください。",
    "{path} is a vault of another format than {format}; update privmask",
)
OPEN_KEY = Text(
    "サイトの鍵を他の利用者が読めます。chmod 600 を実行してから使ってください。",
    "others can read the site's key; run chmod 600 on it before it is used",
)
NO_KEY = Text(
    "サイトの鍵がありません。保管も取り出しもできません。", "the site's key is gone; nothing can be put in or opened"
)
OTHER_KEY = Text(
    "サイトの鍵が、この保管庫のものではありません。", "the site's key is not the one this vault was made with"
)
LOCKED = Text("サイトの鍵を開くパスフレーズが必要です。", "the site's key is locked, and no passphrase was given")
NOT_LOCKED = Text(
    "新しいパスフレーズで鍵を開けることを確かめられませんでした。鍵は元のままです。",
    "it could not be made sure that the new passphrase opens the key; the key is as it was",
)
NOT_HELD = Text("複写 {id} は保管されていません。", "the vault holds no copy {id}")
NO_ID = Text(
    "複写の番号ではありません（0 から 9 と a から f の 32 桁です）。",
    "that is no id of a copy, which has 32 digits from 0 to f",
)
STILL_HELD = Text(
    "複写がまだ {count} 件保管されています。先に消去してください。", "{count} copies are still held; erase them first"
)
OTHER_COPY = Text("この鍵は別の複写のものです。", "the key beside the copy is that of another copy")
STRANGE_RECORD = Text("複写 {id} の記録を読めません。", "the record of copy {id} is missing or cannot be read")

MISSING = Text("ありません。", "is missing")
UNKNOWN = Text("保管庫のものではありません。", "does not belong into a vault")
OPEN_TO_OTHERS = Text(
    "他の利用者に開かれています（{found}。{expected} にしてください）。",
    "is open to others: mode {found}, expected {expected}",
)
OTHER_OWNER = Text("所有者が違います。", "belongs to another user")
LEFT_OVER = Text(
    "中断された保管の残りです。台帳にあれば保管を終え、なければ片付けます：privmask due",
    "is left from a put that was killed; this puts it in its place if it was recorded, and clears it away if not: privmask due",
)
UNFINISHED = Text(
    "消去が途中で止まっています。完了して記載するには：privmask erase --due",
    "is an erasure that was interrupted; this completes and records it: privmask erase --due",
)
RETURNED = Text(
    "消去したはずの複写があります（控えから戻された可能性があります）。",
    "was erased and is here again, perhaps from a backup; erase it again",
)


def said(error: Exception) -> Text:
    """What an error of this room tells, in both languages."""
    text = error.args[0] if error.args else ""
    text = getattr(error, "text", None) or text
    return text if isinstance(text, Text) else Text(str(error), str(error))
