"""A new site.toml: one of three templates, with the answers of whoever begins put into it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal, TypeAlias, get_args

from privmask.errors import PlanError
from privmask.language import Text
from privmask.policy.calendar import read_day
from privmask.policy.fields import KEY_ID, LONGEST_LINE, TO_FILL_IN
from privmask.policy.tables import ROLE_WORDS

Template: TypeAlias = Literal["road", "shop", "apartment"]
TEMPLATE_WORDS: dict[Template, Text] = {
    "road": Text("公道・商店街", "public road, shopping street"),
    "shop": Text("店舗", "shop"),
    "apartment": Text("集合住宅", "apartment house"),
}
TEMPLATES: tuple[Template, ...] = get_args(Template)

MANAGERS_KEY = "管理責任者の署名鍵の指紋"
"""The label of the gap for the key that the manager adopts the rules with."""

_GAP = re.compile(rf'"{TO_FILL_IN}：([^"]*)"')


@dataclass(frozen=True, slots=True)
class Question:
    """One gap of a template; `label` is what stands in it after 要記入, and `asked` the question."""

    label: str
    asked: Text
    kind: Literal["text", "day", "count", "drawn", "key"] = "text"

    def written(self, answer: str) -> str:
        """The answer as TOML; `PlanError` if it is none. An answer of blanks leaves the gap open."""
        answer = answer.strip()
        if not answer:
            return f'"{TO_FILL_IN}：{self.label}"'
        if self.kind == "day":
            return _day(answer)
        if self.kind == "count":
            return _count(answer)
        if self.kind == "key":
            return f'"{_key(answer)}"'
        if len(answer) > LONGEST_LINE or not answer.replace("　", " ").isprintable():
            raise PlanError(
                Text(
                    f"{LONGEST_LINE}字以内の1行で答えてください",
                    f"answer in one line of at most {LONGEST_LINE} letters",
                )
            )
        return json.dumps(answer, ensure_ascii=False)


def template_text(template: Template) -> str:
    """The template as it stands."""
    folder = resources.files("privmask.policy") / "templates"
    return (folder / f"{template}.toml").read_text("utf-8")


def questions(template: Template) -> tuple[Question, ...]:
    """What the template leaves open, in its order, each once."""
    return tuple(_QUESTIONS[label] for label in dict.fromkeys(_GAP.findall(template_text(template))))


def filled(template: Template, answers: Mapping[str, str]) -> str:
    """The template with answers, by the labels of the gaps; a gap without one stays open."""
    return _GAP.sub(lambda gap: _QUESTIONS[gap[1]].written(answers.get(gap[1], "")), template_text(template))


def gaps(text: str) -> int:
    """How many gaps are left."""
    return len(_GAP.findall(text))


def _day(answer: str) -> str:
    day = read_day(answer)
    if day is None:
        words = Text(
            "「{answer}」は日付ではありません（例：2026-04-01、令和8年4月1日）",
            "{answer!r} is no day; write one such as 2026-04-01",
        )
        raise PlanError(words.with_(answer=answer[:40]))
    return day.isoformat()


def _count(answer: str) -> str:
    if not (answer.isdecimal() and 0 < int(answer) <= 9999):
        words = Text("「{answer}」は1以上の整数ではありません", "{answer!r} is no whole number from 1 on")
        raise PlanError(words.with_(answer=answer[:40]))
    return str(int(answer))


def _key(answer: str) -> str:
    if not KEY_ID.fullmatch(answer):
        words = Text(
            "署名鍵の指紋ではありません。`privmask keys show` が示す SHA256:… を書いてください",
            "that is no fingerprint of a key; write the SHA256:… that `privmask keys show` gives",
        )
        raise PlanError(words)
    return answer


def _person(who: Text) -> list[Question]:
    label = who.ja

    def said(ja: str, en: str) -> Text:
        return Text(f"{who.ja}の{ja}", f"The {who.en}'s {en}")

    return [
        Question(f"{label}の氏名", said("氏名", "name")),
        Question(f"{label}の役職", said("役職", "title")),
        Question(f"{label}の任期の初日", said("任期の初日", "first day"), "day"),
        Question(f"{label}の任期の末日", said("任期の末日", "last day"), "day"),
        Question(f"{label}の誓約日", said("秘密保持の誓約日", "day of the pledge of secrecy"), "day"),
    ]


_ALL = [
    Question("地区・商店街の名称", Text("地区・商店街の名称", "Name of the street or quarter")),
    Question("店舗の名称", Text("店舗の名称", "Name of the shop")),
    Question("集合住宅の名称", Text("集合住宅の名称", "Name of the house")),
    Question("制定日", Text("規程の制定日", "Day on which the rules are established"), "day"),
    Question("施行日", Text("規程の施行日", "Day from which they hold"), "day"),
    Question("設置者の名称", Text("設置者の名称", "Installer (whose cameras these are)")),
    Question("代表者の役職と氏名", Text("代表者の役職と氏名", "The installer's representative, with title")),
    Question("設置者の所在地", Text("設置者の所在地", "The installer's address")),
    Question("連絡先の名称", Text("連絡先の名称（表示板に載ります）", "Whom to contact (stands on the sign)")),
    Question(
        "連絡先の電話番号",
        Text("連絡先の電話番号（表示板に載ります）", "Telephone of the contact (stands on the sign)"),
    ),
    Question("表示板の場所", Text("表示板を設けた場所", "Where the sign is")),
    Question("表示板を設けた日", Text("表示板を設けた日", "Day on which the sign was put up"), "day"),
    *_person(ROLE_WORDS["manager"]),
    Question(
        MANAGERS_KEY,
        Text(
            "管理責任者本人の署名鍵の指紋（privmask keys show が示す SHA256:…）",
            "Fingerprint of the manager's own signing key, as privmask keys show gives it",
        ),
        "key",
    ),
    *_person(ROLE_WORDS["operator"]),
    Question("カメラの設置場所", Text("カメラの設置場所", "Place of the camera")),
    Question("カメラの撮影範囲", Text("カメラの撮影範囲", "What the camera sees")),
    Question("カメラの設置日", Text("カメラの設置日", "Day on which the camera was installed"), "day"),
    Question(
        "隠す私的空間",
        Text("画面に写る私的空間（例：沿道の住宅2階の窓）", "What in its picture is private, such as a window"),
    ),
    Question("私的空間の頂点", Text("私的空間の頂点", "Corners of the private zone"), "drawn"),
    Question("領域の適用日", Text("その領域を隠し始める日", "Day from which it is hidden"), "day"),
    Question("記録装置の場所", Text("記録装置の設置場所", "Where the recorder is")),
    Question("記録装置の保存日数", Text("記録装置の画像の保存日数", "Days until the recorder overwrites"), "count"),
    Question("複写の保存日数", Text("複写の保存日数", "Days that copies are kept"), "count"),
    Question("台帳の保存年数", Text("閲覧・提供の記録（台帳）の保存年数", "Years that the register is kept"), "count"),
    Question("閲覧の場所", Text("画像を閲覧する場所", "Where pictures are viewed")),
]
_QUESTIONS = {question.label: question for question in _ALL}
