"""The text of the rules, article by article in the guideline's order, as an office would word it; nothing is escaped here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from privmask.policy.calendar import in_japanese
from privmask.policy.grounds import Ground
from privmask.policy.site import Site


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One 項, with its 号."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One 条: its heading, and the clause of the guideline that it answers."""

    heading: str
    clause: str
    paragraphs: tuple[Paragraph, ...]


ANNEXES = ("防犯カメラ", "私的空間", "管理責任者及び操作取扱者", "委託先", "点検項目")
"""別表第1 to 第5."""


def title(site: Site) -> str:
    """The name of the rules."""
    return f"{site.site.name}防犯カメラの設置及び運用に関する規程"


def articles(site: Site) -> tuple[Article, ...]:
    """Article 1 to the last."""
    return tuple(_articles(site))


def closing(site: Site) -> tuple[str, ...]:
    """附則."""
    first = f"この規程は、{in_japanese(site.site.effective_on)}から施行する。"
    return first, *(f"この規程の一部改正は、{in_japanese(day)}から施行する。" for day in site.site.revised_on)


def _articles(site: Site) -> Iterator[Article]:
    yield _article("目的", "I-1", _aim(site))
    yield _article("設置目的及び目的外利用の禁止", "II-1", *_purposes(site))
    yield _article("対象となるカメラ", "I-2", _scope(site))
    yield _article("設置場所及び撮影範囲", "II-2", *_PLACES)
    yield _article("設置の表示", "II-3", _sign(site))
    yield _article("管理責任者及び操作取扱者", "II-4", *_PEOPLE)
    yield _article("秘密の保持", "II-5", *_SECRECY)
    yield _article("記録装置及び記録媒体の管理", "II-6(1)", *_storage(site))
    yield _article("複写及び加工の制限", "II-6(2)", *_COPIES)
    yield _article("画像の保存期間", "II-6(3)", *_retention(site))
    yield _article("画像の消去及び記録媒体の処分", "II-6(4)", *_erasure(site))
    yield _article("インターネットへの接続", "II-6(6)", _network(site))
    yield _article("画像の閲覧及び提供の制限", "II-7(1)", *_GROUNDS)
    yield _article("画像の閲覧及び提供の手続", "II-7(2)", *_procedure(site))
    yield _article("苦情等への対応", "II-8", *_complaints(site))
    yield _article("業務の委託", "II-9", *_contractors(site))
    yield _article("保守点検等", "II-10", *_inspection(site))
    yield _article("防犯カメラの廃止", "II-10", *_RETIREMENT)
    yield _article("規程の周知", "III", _briefing(site))
    yield _article("個人情報の保護", "IV", *_LAW)


def _article(heading: str, clause: str, *paragraphs: Paragraph) -> Article:
    return Article(heading, clause, paragraphs)


def _aim(site: Site) -> Paragraph:
    return Paragraph(
        f"この規程は、{site.installer.name}（以下「設置者」という。）が{site.site.name}に設置する防犯カメラの設置及び運用に関し"
        "必要な事項を定めることにより、プライバシーの侵害に対する不安を解消し、防犯カメラの適切かつ効果的な活用を推進することを目的とする。"
    )


def _purposes(site: Site) -> Iterator[Paragraph]:
    yield _with_items("防犯カメラの設置目的は、次のとおりとする。", [each.text for each in site.purposes])
    yield Paragraph(
        "設置者は、第13条第1項各号に掲げる場合を除き、設置目的を逸脱して防犯カメラ及びその画像を利用してはならない。"
    )


def _scope(site: Site) -> Paragraph:
    if not site.scope.applies:
        return Paragraph(
            "この規程は、別表第1に掲げるカメラについて定める。これらのカメラは、「防犯カメラの設置及び運用に関するガイドライン」が対象とする"
            "カメラの要件の一部に該当しないが、この規程に従って運用するものとする。"
        )
    return Paragraph(
        "この規程の対象となる防犯カメラは、次の各号のいずれにも該当するものであって、別表第1に掲げるものとする。",
        (
            "犯罪の防止を目的として設置するもの",
            "不特定かつ多数の人が利用し、又は往来する施設又は場所を撮影するために継続的に設置するもの",
            "画像を記録媒体に保存する機能を備えたもの",
        ),
    )


_PLACES = (
    Paragraph("防犯カメラの設置場所及び撮影範囲は、別表第1のとおりとする。"),
    Paragraph(
        "撮影範囲は、防犯効果が発揮され、かつ、住宅の窓、敷地その他の私的な空間（以下「私的空間」という。）が撮影されないように定めるものとする。"
    ),
    Paragraph(
        "撮影範囲に私的空間が写ることが避けられないときは、その領域を別表第2に定め、画像を複写するときは、"
        "当該領域に写るものを識別することができない状態にするものとする。"
    ),
    Paragraph("防犯カメラの設置場所又は向きを変更するときは、あらかじめこの規程を改めるものとする。"),
)


def _sign(site: Site) -> Paragraph:
    return _with_items(
        f"設置者は、防犯カメラを設置していることを明らかにするため、次に掲げる場所に、「{site.sign.text}」の文言並びに設置者の名称及び連絡先を"
        f"見やすく表示する（{in_japanese(site.sign.posted_on)}表示）。",
        site.sign.places,
    )


_PEOPLE = (
    Paragraph(
        "設置者は、防犯カメラの適切な管理及び情報の漏えいの防止等を図るため、管理責任者を指定する。管理責任者が自ら操作しない場合は、"
        "別に操作取扱者を指定する。管理責任者及び操作取扱者は、別表第3のとおりとする。"
    ),
    Paragraph(
        "管理責任者は、この規程の採択、画像の閲覧及び提供の可否の決定、操作取扱者の監督その他防犯カメラの運用に関する事務を統括する。"
    ),
    Paragraph("防犯カメラ及び記録装置の操作は、別表第3において操作を行う者として定めた者以外の者が行ってはならない。"),
)


_SECRECY = (
    Paragraph(
        "管理責任者及び操作取扱者は、記録された画像及び画像から知り得た情報を漏えいし、又は不当に使用してはならない。その職を退いた後も、同様とする。"
    ),
    Paragraph("管理責任者及び操作取扱者は、前項の義務を守ることを誓約するものとし、誓約した日は別表第3に記載する。"),
)


def _storage(site: Site) -> Iterator[Paragraph]:
    words = f"記録装置は{site.storage.place}に設置し、情報の漏えいを防止するため、次の措置を講ずる。"
    yield _with_items(words, site.storage.measures)
    yield Paragraph(
        "画像を記録した記録媒体は、施錠のできる保管庫等に保管し、この規程に定める場合を除き、外部へ持ち出し、又は画像を転送することが"
        "できないよう必要な措置を講ずる。"
    )
    yield Paragraph("複写した画像は、暗号化その他の方法により、権限を有しない者が見ることのできない状態で保管する。")


_COPIES = (
    Paragraph(
        "記録した画像は、第13条の規定により提供する場合を除き、複写してはならない。ただし、管理責任者が理由を付して認めたときは、"
        "この限りでない。この場合において、管理責任者は、その理由を台帳に記載しなければならない。"
    ),
    Paragraph(
        "画像の原本は、加工してはならない。複写は、プライバシーを保護する目的以外の目的で加工してはならず、その加工の方法は、塗りつぶし、"
        "モザイク又はぼかしに限る。"
    ),
)


def _retention(site: Site) -> Iterator[Paragraph]:
    yield Paragraph(
        "画像の保存期間は、設置目的を達成するために必要な最小限度の期間とし、記録装置に保存する画像については"
        f"{site.retention.recording_days}日間、複写した画像については複写した日から{site.retention.copies_days}日間とする。"
    )
    yield Paragraph(
        "管理責任者は、法令に基づき保存を求められた場合その他保存を継続する必要があると認める場合は、理由及び期限を定めて消去を停止することができる。"
    )


def _erasure(site: Site) -> Iterator[Paragraph]:
    yield Paragraph(
        "保存期間を経過した画像は、前条第2項の規定により消去を停止したものを除き、速やかに消去し、又は上書きにより確実に消去する。"
        "複写を消去したときは、その日時及び方法を台帳に記載する。"
    )
    yield Paragraph(
        f"記録媒体を処分するときは、{site.storage.disposal}により画像を読み取ることができない状態にし、処分の日、方法及び立会人を台帳に記載する。"
    )


def _network(site: Site) -> Paragraph:
    if site.network.connected:
        words = "防犯カメラの構成機器をインターネットに接続するに当たり、情報の漏えいを防止するため、次の措置を講ずる。"
        return _with_items(words, site.network.measures)
    return Paragraph(
        "防犯カメラの構成機器は、インターネットに接続しない。接続しようとするときは、あらかじめ情報の漏えいを防止する措置をこの規程に定めるものとする。"
    )


_GROUNDS = (
    Paragraph(
        "設置者は、次に掲げる場合を除き、画像を設置目的以外の目的に利用し、又は第三者に閲覧させ、若しくは提供してはならない。",
        tuple(ground.words.ja for ground in Ground),
    ),
    Paragraph("前項の規定により閲覧させ、又は提供する画像は、必要な範囲に限るものとする。"),
    Paragraph(
        "第1項第4号の規定により閲覧させ、又は提供するときは、本人以外の者を識別することができない状態にするものとする。"
    ),
)


def _procedure(site: Site) -> Iterator[Paragraph]:
    way = site.disclosure
    reception = way.reception.rstrip("。")  # both 受け付ける and 受け付ける。 go on with ものとする
    yield Paragraph(f"画像の閲覧又は提供の依頼は、{reception}ものとする。")
    documents = "、".join(way.identity_documents)
    yield Paragraph(
        f"依頼を受けたときは、要請者の身元を、{documents}により確実に確認する。この場合において、書類の写しを取り、又は書類の番号を記録してはならない。"
    )
    yield Paragraph(
        "管理責任者は、依頼の必要性を十分に検討し、閲覧又は提供の可否を決定する。捜査機関等からの依頼については、文書の原本を受け取り、"
        "当該機関の代表電話に折り返して確認した後でなければ、提供してはならない。"
    )
    yield Paragraph(
        "前条第1項第2号の規定により閲覧させ、又は提供したときは、管理責任者は、あらかじめ定めた期限までに、その判断が適切であったかを見直し、"
        "結果を台帳に記載する。"
    )
    yield Paragraph(f"画像の閲覧は{way.view_place}において行い、提供は{'、'.join(way.media)}により行う。")
    yield _with_items(
        f"管理責任者は、次の事項を台帳に記載し、{site.retention.register_years}年間保存する。依頼に応じなかった場合も、同様とする。",
        (
            "依頼の日時、要請者及び身元の確認の方法",
            "根拠及び必要性",
            "カメラ並びに画像の年月日及び時間帯",
            "可否を決定した者並びに決定の日時及び理由",
            "閲覧又は提供の日時、提供先及び方法",
        ),
    )


def _complaints(site: Site) -> Iterator[Paragraph]:
    hours = f"、{site.contact.hours}" if site.contact.hours else ""
    yield Paragraph(
        f"防犯カメラの設置及び運用に関する苦情及び問合せは、{site.contact.name}（電話 {site.contact.phone}{hours}）において"
        "受け付ける。"
    )
    yield Paragraph(
        f"管理責任者は、苦情及び問合せに誠実かつ迅速に対応し、受け付けた日から{site.complaints.answer_days}日以内に回答するとともに、"
        "その内容及び対応を台帳に記載する。"
    )


def _contractors(site: Site) -> Iterator[Paragraph]:
    yield Paragraph(
        "防犯カメラの設置及び運用に関する業務を事業者等に委託するときは、この規程を遵守させ、適正な運用及び秘密の保持について委託先に徹底する。"
    )
    yield Paragraph(
        "委託先、委託する業務及び取扱いの終了日は、別表第4のとおりとする。"
        if site.contractors
        else "現在、委託先はない。"
    )


def _inspection(site: Site) -> Iterator[Paragraph]:
    yield Paragraph(
        f"管理責任者は、{site.inspection.interval_days}日以内ごとに、別表第5の点検項目について保守点検を行い、その結果を台帳に記載する。"
    )
    yield Paragraph("点検の結果に基づき、必要に応じて、設置場所の見直し及び機器の更新を行う。")
    yield Paragraph(
        "画像を取り扱うパソコン等については、パスワードの設定、ソフトウェアの更新その他のセキュリティ対策に十分に配慮する。"
    )


_RETIREMENT = (
    Paragraph(
        "防犯カメラの運用を廃止するときは、設置者は、責任を持って機器及び表示を撤去するとともに、記録装置等に保存されている画像及び複写を"
        "確実に消去し、その経過を台帳に記載する。"
    ),
)


def _briefing(site: Site) -> Paragraph:
    return Paragraph(f"設置者は、{site.briefing.how}により、この規程を組織内等に周知する。")


_LAW = (
    Paragraph(
        "画像から特定の個人を識別することができる場合には、当該画像は個人情報の保護に関する法律等に規定する個人情報に該当する。その取扱いについては、"
        "この規程によるほか、同法等の定めるところによる。"
    ),
    Paragraph("本人から画像の開示その他の請求を受けたときは、同法等の定めるところにより対応する。"),
    Paragraph(
        "画像の漏えい、滅失若しくは毀損が生じ、又はそのおそれがあるときは、管理責任者は、直ちに設置者に報告し、被害の拡大を防止するとともに、"
        "その経過を台帳に記載する。設置者は、同法等の定めるところにより、必要な報告及び本人への通知を行う。"
    ),
)


def _with_items(text: str, items: Sequence[str]) -> Paragraph:
    return Paragraph(text, tuple(items))
