"""What `privmask policy` says, in both languages."""

from __future__ import annotations

from privmask.language import Text

HINTS = {
    "text": Text("", ""),
    "day": Text("（例：2026-04-01）", " (such as 2026-04-01)"),
    "count": Text("（数字）", " (a number)"),
    "key": Text("（SHA256:…）", " (SHA256:…)"),
}
WHERE = Text(
    "どこの防犯カメラですか。わからない質問は、Enterだけ押すと後で書けます。Ctrl-Cを押すと、何も作らずにやめます。",
    "Where are the cameras? A question that you cannot answer yet is left for later by Enter alone.",
)
NO_TERMINAL = Text(
    "端末がないので質問できません。--template road|shop|apartment --yes を付けると、質問せずにひな型を書き出します",
    "there is no terminal to ask on; --template road|shop|apartment --yes writes the template without a question",
)
WHICH_TEMPLATE = Text(
    "--yes には --template road|shop|apartment が必要です", "--yes needs --template road|shop|apartment to know which"
)
EXISTS = Text(
    "{file} はすでにあります。上書きはしません。別の名前を -o で指定するか、先に別の場所へ移してください",
    "{file} is there already, and nothing is ever replaced; name another with -o, or move it away first",
)
NO_KEY = Text(
    "署名する鍵がありません。作るには：privmask keys new。別の鍵を使うには --key FILE 又は --agent PUBKEY",
    "there is no key to sign with. Make one: privmask keys new. Or name one: --key FILE, or --agent PUBKEY",
)
KEY_FILLED_IN = Text(
    "管理責任者の署名鍵として {key} を記入しました。管理責任者本人の鍵でないなら、本人の鍵に書き換えてください。",
    "{key} is filled in as the manager's key. If it is not the manager's own, put that in its place.",
)
KEY_TO_COME = Text(
    "管理責任者の署名鍵を記入してください。管理責任者が privmask keys new で作り、privmask keys show が示す SHA256:… です。",
    "The manager's key is still to be filled in: the manager makes one with privmask keys new, and privmask keys show gives its"
    " SHA256:….",
)
BEGUN = Text(
    "{file} を作りました。まだ記入していない所（要記入）は{count}か所です。\n書き終えたら：privmask policy check",
    "{file} is there, with {count} places left to fill in (要記入).\nWhen they are: privmask policy check",
)
STANDS_NOT = Text(
    "{file} はまだ規程として使えません（誤り {count} 件）。", "{file} cannot be used as rules yet: {count} mistakes."
)
STANDS = Text(
    "{file} に形式上の誤りはありません。書かれた内容が事実かどうかは、人が確かめてください。",
    "{file} has no mistakes of form. Whether what it says is true is for people to check.",
)
APPLIES = Text(
    "このカメラは、ガイドラインの対象となるカメラです（I-2の3要件にすべて該当）。",
    "These cameras are ones that the guideline is about (all three conditions of I-2).",
)
IN_FORCE = Text("「{by}」が{day}に採択した内容のままです。", "They are as {by!r} adopted them on {day}.")
OUTSIDE = Text(
    "このカメラは、ガイドラインの対象外です（I-2の3要件のどれかに該当しません）。",
    "These cameras are outside the guideline (one of the three conditions of I-2 is not met).",
)
ADOPTED = Text(
    "「{by}」が {file} を採択しました。\nSHA-256 {sha256}\n記録は {record} と、その署名（.sig）です。"
    "1文字でも変えると、もう一度採択するまで作業は止まります。\n"
    "規程を印刷するには：privmask policy print　表示板を作るには：privmask policy sign",
    "{by!r} has adopted {file}.\nSHA-256 {sha256}\nThe record is {record}, with its signature (.sig)."
    " One changed character stops all that the rules govern until they are adopted again.\n"
    "To print the rules: privmask policy print. To make the sign: privmask policy sign.",
)
PRINTED = Text(
    "規程は {page} です。ブラウザーで開き、A4 に印刷してください。",
    "The rules are {page}; open them in a browser and print.",
)
SIGN = Text(
    "表示板は {page} です。ブラウザーで開き、{paper} の横、余白なし（倍率100%）で印刷してください。",
    "The sign is {page}; open it in a browser and print it across on {paper}, without margins.",
)
MARKS = {"error": Text("誤り", "wrong"), "warning": Text("注意", "note")}
NUMBERED = Text("（{place}）{asked}{hint}", "({place}) {asked}{hint}")
COMPLAINT = Text("{mark}：{sentence}", "{mark}: {sentence}")
