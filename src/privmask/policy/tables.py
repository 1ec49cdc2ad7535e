"""The tables of site.toml, one class each. What is not given and has no sensible value is refused, never guessed.

The names for people are those of the guideline's word list.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from privmask.language import Text
from privmask.policy.fields import (
    Checked,
    Corner,
    Day,
    File,
    Identifier,
    KeyId,
    KindOnly,
    Line,
    Listed,
    Moment,
    Paragraph,
    Some,
    fault,
)

PLAN_FORMAT = "privmask.plan.v1"

Role: TypeAlias = Literal["manager", "operator"]
ROLE_WORDS: dict[Role, Text] = {
    "manager": Text("管理責任者", "manager"),
    "operator": Text("操作取扱者", "operator"),
}


def _zone_name(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        words = Text('知らない時間帯です（例："Asia/Tokyo"）', 'is no known time zone, such as "Asia/Tokyo"')
        raise fault(words) from None
    return name


class About(Checked):
    """[site]: what these rules are for."""

    id: Annotated[Identifier, Text("規程の記号", "the site's id")]
    name: Annotated[Line, Text("規程の名称に入る名前", "the site's name")]
    timezone: Annotated[str, AfterValidator(_zone_name), Text("時間帯", "time zone")]
    established_on: Annotated[Day, Text("制定日", "day of establishment")]
    effective_on: Annotated[Day, Text("施行日", "day from which it holds")]
    revised_on: Annotated[Listed[Day], Text("改正日", "days of revision")] = ()


class Installer(Checked):
    """[installer]: 設置者."""

    name: Annotated[Line, Text("設置者の名称", "the installer's name")]
    representative: Annotated[Line | None, Text("代表者", "who represents the installer")] = None
    address: Annotated[Line | None, Text("設置者の所在地", "the installer's address")] = None


class Contact(Checked):
    """[contact]: whom to ask or complain to, on the sign and in the rules."""

    name: Annotated[Line, Text("連絡先の名称", "whom to contact")]
    phone: Annotated[Line, Text("連絡先の電話番号", "the contact's telephone")]
    hours: Annotated[Line | None, Text("受付時間", "when somebody answers")] = None
    email: Annotated[Line | None, Text("電子メール", "electronic mail")] = None


class Scope(Checked):
    """[scope]: the three conditions of I-2."""

    crime_prevention: Annotated[bool, Text("犯罪の防止を目的とするか", "is its purpose to prevent crime?")]
    public_place: Annotated[
        bool,
        Text("不特定多数の人が利用・往来する場所を継続的に撮影するか", "does it watch a public place all the time?"),
    ]
    recording: Annotated[bool, Text("画像を記録媒体に保存するか", "does it record?")]

    @property
    def applies(self) -> bool:
        """Whether the guideline is about these cameras."""
        return self.crime_prevention and self.public_place and self.recording


class Purpose(Checked):
    """[[purpose]]: 設置目的. Views and provisions name one of these or a ground, and nothing else."""

    id: Annotated[Identifier, Text("設置目的の記号", "the purpose's id")]
    text: Annotated[Paragraph, Text("設置目的", "purpose")]


class Sign(Checked):
    """[sign]: 設置の表示."""

    text: Annotated[Line, Text("表示の文言", "the sign's text")]
    places: Annotated[Some[Line], Text("表示の場所", "where the signs are")]
    posted_on: Annotated[Day, Text("表示した日", "day on which the signs were put up")]


class Person(Checked):
    """[[person]]: 管理責任者 or 操作取扱者."""

    id: Annotated[Identifier, Text("担当者の記号", "the person's id")]
    name: Annotated[Line, Text("氏名", "name")]
    title: Annotated[Line | None, Text("役職", "title")] = None
    roles: Annotated[Some[Role], Text("役割", "roles")]
    valid_from: Annotated[Day, Text("任期の初日", "first day")]
    valid_until: Annotated[Day, Text("任期の末日", "last day")]
    pledged_on: Annotated[Day, Text("秘密保持の誓約日", "day of the pledge of secrecy")]
    contractor: Annotated[Identifier | None, Text("委託先の記号", "id of the contractor")] = None
    key: Annotated[KeyId | None, Text("署名鍵の指紋", "fingerprint of the signing key")] = None


class Zone(Checked):
    """[[camera.zone]]: one 私的空間 in the camera's picture. Corners are fractions, or pixels of the camera's `frame`."""

    token: Annotated[Identifier, Text("領域の記号", "the zone's id")]
    reason: Annotated[Line, Text("隠す理由", "why it is hidden")]
    polygon: Annotated[
        tuple[Corner, ...], Field(strict=False, min_length=3, max_length=1000), Text("領域の頂点", "corners")
    ]
    type: Annotated[Literal["Color", "Pixelated", "Blurred"], Text("隠し方", "way of hiding")] = "Color"
    valid_from: Annotated[Day, Text("適用の初日", "first day")]
    valid_until: Annotated[Day | None, Text("適用の末日", "last day")] = None

    def holds_within(self, first: date, last: date) -> bool:
        """Whether it holds on any day from `first` to `last`."""
        return self.valid_from <= last and (self.valid_until is None or first <= self.valid_until)


class Reference(Checked):
    """`reference` of a camera: what it should see, to notice that it was turned."""

    picture: Annotated[File, Text("基準画像のファイル", "file of the reference picture")]
    taken_at: Annotated[Moment, Text("基準画像の撮影日時", "when the reference picture was taken")]


class Camera(Checked):
    """[[camera]]: where it is, what it sees, and what in that is private."""

    id: Annotated[Identifier, Text("カメラの記号", "the camera's id")]
    place: Annotated[Line, Text("設置場所", "place")]
    view: Annotated[Line, Text("撮影範囲", "view")]
    installed_on: Annotated[Day, Text("設置日", "day of installation")]
    retired_on: Annotated[Day | None, Text("廃止日", "day of retirement")] = None
    frame: Annotated[
        tuple[Annotated[int, Field(gt=0, le=100_000)], Annotated[int, Field(gt=0, le=100_000)]] | None,
        Field(strict=False),
        Text("画面の大きさ", "picture size"),
    ] = None
    plan: Annotated[File | None, Text("私的空間の計画ファイル", "plan file of the private zones")] = None
    zones: Annotated[Listed[Zone], Field(alias="zone"), Text("私的空間", "private zones")] = ()
    nothing_private: Annotated[Line | None, Text("私的空間が写らない理由", "why nothing private is in view")] = None
    reference: Annotated[Reference | None, Text("基準画像", "reference picture")] = None

    def plan_data(self, first: date, last: date) -> dict[str, Any] | None:
        """The zones that hold on any of these days as data of a plan, without dates; None if there are none.

        Those of its plan file (`plan`) are not among them.
        """
        held = [zone for zone in self.zones if zone.holds_within(first, last)]
        masks = [
            {"token": z.token, "reason": z.reason, "polygon": [list(c) for c in z.polygon], "type": z.type}
            for z in held
        ]
        frame = {"frame": list(self.frame)} if self.frame else {}
        return {"format": PLAN_FORMAT, "camera": self.id, **frame, "mask": masks} if masks else None


class Storage(Checked):
    """[storage]: where the recorder and the media are, and how they are kept and destroyed."""

    place: Annotated[Line, Text("記録装置の設置場所", "where the recorder is")]
    measures: Annotated[Some[Line], Text("記録装置・記録媒体の情報漏えい防止措置", "measures against leaks")]
    disposal: Annotated[Line, Text("記録媒体の処分方法", "how media are destroyed")]


class Retention(Checked):
    """[retention]: 保存期間. None of these has a default."""

    recording_days: Annotated[
        int, Field(ge=1, le=3660), Text("記録装置の画像の保存日数", "days that the recorder keeps pictures")
    ]
    copies_days: Annotated[int, Field(ge=1, le=3660), Text("複写の保存日数", "days that copies are kept")]
    register_years: Annotated[int, Field(ge=1, le=100), Text("台帳の保存年数", "years that the register is kept")]


class Disclosure(Checked):
    """[disclosure]: how views and provisions are asked for and carried out."""

    reception: Annotated[Line, Text("提供依頼の受付", "where requests are received")]
    view_place: Annotated[Line, Text("閲覧の場所", "where pictures are viewed")]
    identity_documents: Annotated[Some[KindOnly], Text("身元確認の書類", "documents of identity")]
    media: Annotated[Some[Line], Text("提供の媒体", "media of provision")]


class Complaints(Checked):
    """[complaints]: 苦情等への対応."""

    answer_days: Annotated[
        int, Field(ge=1, le=366), Text("苦情に回答するまでの日数", "days until a complaint is answered")
    ]


class Network(Checked):
    """[network]: whether anything is on the Internet, and what protects it."""

    connected: Annotated[bool, Text("インターネットに接続するか", "connected to the Internet?")]
    measures: Annotated[Listed[Line], Text("情報漏えい防止措置", "measures")] = ()


class Inspection(Checked):
    """[inspection]: 保守点検."""

    interval_days: Annotated[int, Field(ge=1, le=366), Text("点検の間隔（日）", "days between inspections")]
    checklist: Annotated[Some[Line], Text("点検項目", "checklist")]


class Briefing(Checked):
    """[briefing]: how these rules are made known (周知)."""

    how: Annotated[Line, Text("周知の方法", "how it is made known")]


class Contractor(Checked):
    """[[contractor]]: 委託先."""

    id: Annotated[Identifier, Text("委託先の記号", "the contractor's id")]
    name: Annotated[Line, Text("委託先の名称", "the contractor's name")]
    tasks: Annotated[Some[Line], Text("委託する業務", "tasks")]
    briefed_on: Annotated[Day, Text("適正な運用を徹底した日", "day of the briefing")]
    access_ends: Annotated[Day, Text("取扱いの終了日", "last day of access")]
