"""What an open register says to people."""

from __future__ import annotations

from privmask.language import Text

NO_REGISTER = Text("{path} は台帳ではありません", "{path} is no register of privmask")
OTHER_FORMAT = Text(
    "台帳 {path} の形式は {found} です（この privmask が読めるのは {expected}）。新しい privmask を使ってください",
    "the register {path} has the format {found}, and this privmask reads {expected}; use a newer privmask",
)
ALTERED = Text(
    "台帳 {path} の表や防護（{names}）が変えられています。privmask register verify で確かめてください",
    "tables or guards of the register {path} were altered: {names}; look at it with: privmask register verify",
)
OTHER_SITE = Text(
    "台帳 {path} は「{found}」のもので、「{expected}」のものではありません",
    "the register {path} is that of {found!r}, not of {expected!r}",
)
RESERVED = Text(
    "「{name}」は個人情報の消去の記載だけに使う名前です",
    "{name} stands in entries of erased personal values only; give it another name",
)
BEFORE_TIME = Text(
    "{before} までの個人情報の消去は、まだその時になっていません（いまは {at}）",
    "personal values until {before} are not to be erased yet: it is {at}",
)
NO_ENTRY = Text("記載 {seq} はありません", "there is no entry {seq}")
BAD_END = Text(
    "台帳 {path} の最後の記載 {seq} が書き換えられています。何も記載していません。privmask register verify で確かめてください",
    "the last entry {seq} of the register {path} was altered; nothing was recorded. Look at it with: privmask register verify",
)
ENDS_EARLY = Text(
    "台帳 {path} に、最後に記載した記載 {seq} がありません。-wal ファイルが消されたか、古い控えが戻されたか、"
    "台帳が共有ディスクにあるかです。何も記載していません。新しいほうの台帳（-wal とともに）を戻してください。"
    "どこにも残っていないときは、{note} を別の所に移して紙の控えとともに保管し、経緯を記載してください（record leak）",
    "the register {path} lacks the entry {seq}, which was recorded last: its -wal file was deleted, an older backup was put"
    " back, or it lies on a shared disk. Nothing was recorded. Bring the newer register back, with its -wal. If it is lost"
    " for good, move {note} to your papers, and record what happened (record leak)",
)
NOT_SWEPT = Text(
    "個人情報は台帳から消去しましたが、台帳 {path} のファイルに痕跡が残っているかもしれません（{why}）。"
    "空きを作って、もう一度消去してください",
    "the personal values are erased from the register {path}, but traces may be left in its file ({why}); make room, and erase"
    " once more",
)
LOG_BUSY = Text(
    "個人情報は台帳から消去しましたが、台帳 {path} を別の処理が読んでいるため、作業用の記録（-wal）にまだ残っています。"
    "その処理が終わってから、もう一度消去してください",
    "the personal values are erased from the register {path}, but another process reads it, and they are still in its -wal"
    " file; erase once more when that process has ended",
)
SET_BACK = Text(
    "時計が戻っています：いまは {at}、最後の記載は {last} です。時計を直してください。"
    "戻したことに訳があるなら、そう記載してください",
    "the clock was set back: it says {at}, and the last entry is of {last}. Set it right; if it was rightly set back, say so"
    " in the entry (clock_set_back)",
)
