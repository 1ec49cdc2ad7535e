"""What `privmask keys` says."""

from __future__ import annotations

from privmask.language import Text

NAKED = Text(
    "この鍵にはパスフレーズがありません。鍵のファイルやその控えを読める人は、誰でもあなたの名で署名できます",
    "the key has NO PASSPHRASE: whoever can read its file, or a backup of it, can sign in your name.",
)
MADE = Text(
    "鍵は {path} です。この機械に置き、あなただけが読めるようにしてあります。",
    "The key is {path}: it stays on this machine, readable by you alone.",
)
HAND_OVER = Text(
    "上の1行を、複写を確かめる人に、複写とは別の方法で渡してください。また、指紋を電話で読み上げてください。\n"
    "受け取った人は privmask keys show FILE で、手元の行の指紋を見られます。",
    "Give the line to those who check your copies, by another way than the copies take, and read out the fingerprint to them"
    " over the phone; `privmask keys show FILE` shows it for the line that they have.",
)
NO_KEY_IN = Text(
    "{place} に鍵はありません。作るには：privmask keys new", "there is no key in {place}; make one: privmask keys new"
)
RESUMED = Text(
    "この交替は前に始めて中断していたものです。そのときのパスフレーズで完了しました",
    "this rotation was begun before and cut off; now it is complete, with the passphrase given then.",
)
ROTATED = Text(
    "これからは新しい鍵 {new} で署名します。前の鍵 {old} はもう署名しません。",
    "From now on {new} signs, and {old} does not any more.",
)
GIVE_BOTH = Text(
    "両方の行を、複写を確かめる人に渡してください。これまでの複写を確かめるには前の鍵の行が要ります。\n"
    "今ちょうど作っている複写は、有効期間の過ぎた前の鍵で署名されるため、検証に合格しません。作り直してください。",
    "Give both lines to those who check your copies: copies of before need the old one. A copy that is being made right now"
    " is signed by the old key after its time, and will not hold: make it again.",
)
IS_REVOKED = Text("鍵 {key} を失効させました。", "The key {key} is revoked.")
WAS_REVOKED = Text("鍵 {key} は、前に失効させてあります。", "The key {key} is revoked; it was before.")
WHAT_FOLLOWS = Text(
    "この鍵で署名した複写は、いつのものでも、ここでも、この一覧を持つ所でも、検証に合格しなくなります。\n"
    "{list} を、その複写を持つ全ての人に送ってください（ssh-keygen -Y verify -r revoked でも使えます）。\n"
    "まだ必要な複写は、新しい鍵で、原本から作り直してください。",
    "Every copy that it signed, whenever that was, now fails verification here, and wherever this list is known:\n"
    "send {list} to all who hold such copies (`ssh-keygen -Y verify -r revoked` reads it too).\n"
    "What is still needed of them has to be made again from the originals, with a new key.",
)
OUT_OF_USE = Text(
    "今の鍵でしたので、使うのをやめました。新しい鍵を作るには：privmask keys new",
    "The key was taken out of use; make a new one: privmask keys new",
)
COMMA = Text("、", ", ")
NOBODYS = Text(
    "（誰の鍵か、どの一覧にもありません。名前を前に書いてください）",
    "(whose it is, no list says; write a name before it)",
)
AS_LETTERS = Text("ssh-keygen -l の表示    ", "as ssh-keygen -l shows it")
AS_DIGITS = Text("数字（電話で読み上げ用）", "in digits (電話用)       ")
REVOKED, SIGNS = Text("失効", "REVOKED"), Text("現在の署名鍵", "signs now")
SIGNS_NOT = Text("ここでは署名しません", "does not sign here")
VALID = Text("有効期間 {start} から{end}", "valid {start} {end}")
FROM, SINCE_EVER = Text("{time}", "from {time}"), Text("（初めの定めなし）", "since ever")
UNTIL, ON = Text(" {time} まで", "until {time}"), Text("", "on")
NO_NAME = Text("利用者の名前が分かりません。--name で指定してください", "nobody knows this user's name; say --name WHO")
