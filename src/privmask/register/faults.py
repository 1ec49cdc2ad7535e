"""What can be wrong with a register, in words."""

from __future__ import annotations

from dataclasses import dataclass

from privmask.language import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an entry; seq 0 is the register as a whole."""

    seq: int
    what: Text


NO_FILE = Text("台帳 {path} がありません", "there is no register at {path}")
DAMAGED = Text(
    "記載 {after} の後でファイルが壊れていて、読めません（{why}）", "the file is damaged after entry {after}: {why}"
)
OTHER_FORMAT = Text("台帳の形式が {found} です（{expected} のはず）", "its format is {found}, and not {expected}")
NO_BIRTHDAY = Text("作成日時が書き換えられています", "the time at which it was made was altered")
ALTERED = Text(
    "表や防護（トリガー）が変えられています：{names}", "its tables or guards (triggers) were altered: {names}"
)
INDEX = Text(
    "索引（entry_by_kind）が記載と合いません。種類で探すと、見つからない記載があります",
    "the index (entry_by_kind) does not say what the entries say: who asks for a kind may miss entries",
)
MISSING = Text("記載 {first} がありません", "entry {first} is missing")
MISSING_MANY = Text("記載 {first} から {last} までがありません", "entries {first} to {last} are missing")
MISPLACED = Text("記載 {seq} が違う場所にあります", "entry {seq} is out of its place")
BROKEN = Text(
    "記載 {seq} は記載 {before} に続いていません。どちらかが書き換え、挿入、または入れ替えられています",
    "entry {seq} does not follow on from entry {before}: one of both was edited, put in, or moved",
)
EDITED = Text("記載 {seq} の内容が書き換えられています", "entry {seq} was edited")
REHASHED = Text(
    "記載 {seq} のハッシュが合いません。書き換えられたか、別の位置の記載です",
    "the hash of entry {seq} does not hold: it was edited, or comes from another place",
)
FOREIGN = Text(
    "記載 {seq} は privmask が「{site}」の台帳に書いた形ではありません",
    "entry {seq} is not as privmask writes it for the site {site!r}",
)
SET_BACK = Text(
    "記載 {seq} の日時 {at} が前の記載より前で、その断りがありません",
    "entry {seq} is earlier ({at}) than the one before it, and does not say why",
)
TOO_EARLY = Text(
    "記載 {seq} は、まだ期日の来ていない個人情報を消去しています",
    "entry {seq} erased personal values before their time",
)
ADDED = Text(
    "記載 {seq} に、もとはなかった個人情報「{name}」が加えられています",
    "a personal value that it never had was added to entry {seq}: {name}",
)
GONE = Text(
    "記載 {seq} の個人情報「{name}」が、消去の記載なしに失われています",
    "a personal value of entry {seq} is gone, and no recorded erasure covers it: {name}",
)
BACK = Text(
    "記載 {seq} の個人情報「{name}」は消去したはずですが、残っています",
    "a personal value of entry {seq} should have been erased, and is there: {name}",
)
EDITED_VALUE = Text(
    "記載 {seq} の個人情報「{name}」が書き換えられています", "a personal value of entry {seq} was edited: {name}"
)
STRAY = Text(
    "記載のない個人情報があります（記載番号 {seq}）", "there are personal values of an entry that is not there: {seq}"
)
OTHER_SITE = Text(
    "記載証明は「{found}」のもので、この台帳は「{expected}」のものです",
    "the receipt is that of {found!r}, and this is the register of {expected!r}",
)
CUT = Text(
    "記載証明のある記載 {last} がありません。台帳の末尾（記載 {first} 以降）が切り取られています",
    "a receipt was given for entry {last}, and the register ends before it: it was cut off from entry {first} on",
)
FORK = Text(
    "記載 {seq} は、記載証明が出されたときのものではありません。台帳がこの記載かその前から書き直されています",
    "entry {seq} is not the one that a receipt was given for: the register was rewritten, from this entry or one before it",
)
