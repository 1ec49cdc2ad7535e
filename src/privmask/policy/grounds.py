"""The four grounds of II-7(1) on which pictures may be shown or provided, and the evidence that each needs. There is no other.

A letter without a number, and an inquiry by telephone whose original never came, are the known signs of fraud: both are
refused by what has to be filled in.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator

from privmask.language import Text
from privmask.policy.fields import Checked, Day, Identifier, Line, Moment, Paragraph, Real


class Ground(StrEnum):
    """提供の根拠: why pictures may be shown or provided."""

    LAW_BASED = "law_based"
    EMERGENCY = "emergency"
    INVESTIGATION = "investigation"
    SUBJECT = "subject"

    @property
    def words(self) -> Text:
        """As the guideline says it."""
        return _GROUNDS[self]

    @property
    def article(self) -> Text:
        """The article of the 個人情報保護法 that it is taken from (Ⅳ)."""
        return _ARTICLES[self]


class LawBased(Checked):
    """法令に基づく場合: a warrant, a court's order, a statute that obliges."""

    ground: Literal["law_based"]
    statute: Annotated[Real, Text("根拠法令（条項まで）", "statute and article")]
    document_kind: Annotated[Line, Text("書面の種類", "kind of document")]
    document_number: Annotated[Real, Text("書面の番号", "number of the document")]
    document_date: Annotated[Day, Text("書面の日付", "date of the document")]
    issuer: Annotated[Line, Text("発行者", "issuer")]
    original_seen_by: Annotated[Identifier, Text("原本を確認した担当者", "who saw the original document")]


class Emergency(Checked):
    """人の生命，身体及び財産の安全の確保その他公共の利益のために緊急の必要性がある場合."""

    ground: Literal["emergency"]
    danger_to: Annotated[
        Literal["life", "body", "property", "public_interest"], Text("危険にさらされているもの", "what is in danger")
    ]
    why_urgent: Annotated[Paragraph, Text("緊急である理由", "why it is urgent")]
    decided_by: Annotated[Identifier, Text("判断した担当者", "who decided")]
    decided_at: Annotated[Moment, Text("判断した日時", "when it was decided")]
    review_due: Annotated[Day, Text("事後の見直しの期限", "day by which it is looked at again")]


class Officer(Checked):
    """Who came for the agency."""

    rank: Annotated[Line, Text("官職・階級", "rank")]
    name: Annotated[Line, Text("氏名", "name")]


class Investigation(Checked):
    """捜査機関等から犯罪・事故の捜査等のため情報提供を求められた場合."""

    ground: Literal["investigation"]
    agency: Annotated[Line, Text("照会した機関", "agency")]
    officer: Annotated[Officer, Text("担当官", "officer")]
    document_kind: Annotated[Line, Text("書面の種類（捜査関係事項照会書など）", "kind of document")]
    document_number: Annotated[Real, Text("書面の番号", "number of the document")]
    original_received_on: Annotated[Day, Text("書面の原本を受け取った日", "day on which the original arrived")]
    callback_verified_at: Annotated[
        Moment, Text("代表電話に折り返して確認した日時", "when the agency was called back and confirmed")
    ]
    case: Annotated[Line, Text("事件の名称", "case")]


class Subject(Checked):
    """画像から識別される本人の同意がある場合又は本人に提供する場合. Everybody else is masked."""

    ground: Literal["subject"]
    kind: Annotated[Literal["consent", "self"], Text("同意か本人か", "consent, or the person in the pictures?")]
    subject_identified_how: Annotated[Line, Text("画像の人が本人であると確かめた方法", "how the person was recognised")]
    consent_on: Annotated[Day, Text("同意・請求の日", "day of the consent")]
    third_persons_reviewed_by: Annotated[
        Identifier, Text("本人以外の人が隠れていることを確認する担当者", "who reviews that other people are hidden")
    ]


Evidence: TypeAlias = Annotated[LawBased | Emergency | Investigation | Subject, Discriminator("ground")]
EVIDENCE: dict[Ground, type[LawBased | Emergency | Investigation | Subject]] = {
    Ground.LAW_BASED: LawBased,
    Ground.EMERGENCY: Emergency,
    Ground.INVESTIGATION: Investigation,
    Ground.SUBJECT: Subject,
}
_GROUNDS = {
    Ground.LAW_BASED: Text("法令に基づく場合", "required by law"),
    Ground.EMERGENCY: Text(
        "人の生命、身体及び財産の安全の確保その他公共の利益のために緊急の必要性がある場合",
        "urgently needed to protect life, body or property, or in the public interest",
    ),
    Ground.INVESTIGATION: Text(
        "捜査機関等から犯罪・事故の捜査等のため情報提供を求められた場合",
        "asked for by an investigating agency, for a crime or an accident",
    ),
    Ground.SUBJECT: Text(
        "画像から識別される本人の同意がある場合又は本人に提供する場合",
        "with the consent of the person in the pictures, or to that person",
    ),
}

# Ⅳ: of the 個人情報の保護に関する法律 as in force since April 2022, where it speaks to private bodies; for a municipality it is
# article 69. It says where to look, not whether it is fulfilled: article 27(1)(ii) knows life, body and property, and wants
# that consent is hard to get; the public interest alone is not in it.
_ARTICLES = {
    Ground.LAW_BASED: Text("第18条第3項第1号、第27条第1項第1号", "articles 18(3)(i) and 27(1)(i)"),
    Ground.EMERGENCY: Text("第18条第3項第2号、第27条第1項第2号", "articles 18(3)(ii) and 27(1)(ii)"),
    Ground.INVESTIGATION: Text(
        "第18条第3項第1号又は第4号、第27条第1項第1号又は第4号", "articles 18(3)(i) or (iv) and 27(1)(i) or (iv)"
    ),
    Ground.SUBJECT: Text("第18条第1項、第27条第1項、第33条", "articles 18(1), 27(1) and 33"),
}
