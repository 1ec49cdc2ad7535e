"""The 提供記録票: one sheet of paper for a hand-over, in Japanese, to be signed by both sides and filed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from privmask.errors import PlanError
from privmask.filed import find_request
from privmask.language import Text
from privmask.looking_up import kept_copy
from privmask.office import Office
from privmask.policy import Ground, Site
from privmask.policy.calendar import in_japanese
from privmask.policy.pages import page, shown
from privmask.policy.style import MINCHO
from privmask.provision import Provided, copy_named
from privmask.register import ERASED, Entry, Receipt
from privmask.register.sealing import Sealed
from privmask.register.vault_layout import is_id

TITLE = "防犯カメラ画像 提供記録票"

_DOCUMENT = ("evidence.document_kind", "evidence.document_number", "evidence.statute")


def provided_before(office: Office, by: str, which: str) -> Provided:
    """A hand-over that was recorded: the entry of that number, or the last one of the copy `which`.

    `by` is anybody of the site who may act. Raises `PolicyError`, recorded, for anybody else; `PlanError` if there is none.
    """
    about = {"act": "slip", **copy_named(which)}
    actor = office.actor(by, None, about)
    with office.refusals(actor, about):
        entry = _provision(office, which)
        file = entry.body["file"]
        receipt = Receipt(office.register.site, entry.seq, entry.entry_hash, entry.at)
        sealed = Sealed("", file["bytes"], file["sha256"], None)
        return Provided(entry.body["copy_id"], entry.body["request_id"], sealed, receipt)


def _provision(office: Office, which: str) -> Entry:
    copy = kept_copy(office.register, which) if is_id(which) else None
    found: Entry | None
    if copy is not None:
        *_, found = [None, *office.register.entries("provision", after=copy.seq, about=("copy_id", which))]
    else:
        known = which.isdecimal() and 0 < int(which) <= office.register.head().seq
        found = office.register.entry(int(which)) if known else None
    if found is None or found.kind != "provision":
        raise PlanError(_NO_PROVISION.with_(which=which if which.isdecimal() or is_id(which) else "?"))
    return found


def slip_page(office: Office, provided: Provided, *, again: bool = False) -> bytes:
    """The sheet for that hand-over, as HTML in UTF-8 made for printing on A4; it holds names.

    One that is made `again` says so, and when.
    """
    filed = find_request(office, provided.request_id)
    request = office.register.entry(filed.seq)
    entry = office.register.entry(provided.receipt.seq)
    about = ("request_id", provided.request_id)
    decision = next(office.register.entries("decision", after=filed.seq, about=about))
    made = f"台帳から再び作成：{in_japanese(office.site.day(office.at))}" if again else ""
    return page(TITLE, _STYLE, _parts(office.site, request, decision, entry, provided, made))


def _parts(site: Site, request: Entry, decision: Entry, entry: Entry, provided: Provided, made: str) -> Iterator[str]:
    yield f"<h1>{TITLE}</h1>"
    if made:
        yield f'<p class="who">{made}</p>'
    yield f'<p class="who">{shown(site.installer.name)}</p>'
    yield from _table("依頼", _request_rows(site, request))
    yield from _table("決定", _decision_rows(site, decision))
    yield from _table("提供", _provision_rows(site, entry, provided))
    yield from _receipt(provided)
    yield "<ul>" + "".join(f"<li>{note}</li>" for note in _NOTES) + "</ul>"
    yield (
        '<table class="seal"><tbody><tr><th>提供した者</th><td></td><th>受領者の署名</th><td></td></tr>'
        "<tr><th>管理責任者確認</th><td></td><th>受領日</th><td>　　　　年　　月　　日</td></tr></tbody></table>"
    )


def _request_rows(site: Site, entry: Entry) -> Iterator[tuple[str, str]]:
    ground = Ground(str(entry.value("evidence.ground")))
    yield "依頼番号・受付", f"{_said(entry, 'request_id')}　{_time(site, entry, 'received_at')}"
    yield "要請者", _joined(entry, ("requester.affiliation", "requester.name"))
    yield "連絡先", _joined(entry, ("requester.contact",))
    checked = f"{_said(entry, 'identity.document_kind')}（確認者 {_person(site, _said(entry, 'identity.checked_by'))}、"
    yield "身元確認", f"{checked}{_time(site, entry, 'identity.checked_at')}）"
    yield "提供の根拠", f"{ground.words.ja}（個人情報の保護に関する法律{ground.article.ja}を参照）"
    if any(entry.value(name) is not None for name in _DOCUMENT):
        yield "書面", _joined(entry, _DOCUMENT)
    yield "必要性", _said(entry, "necessity")
    cameras = entry.body["cameras"]
    yield "カメラ", "\n".join(f"{each.id}　{each.place}" for each in site.cameras if each.id in cameras)
    yield "求められた画像", f"{_time(site, entry, 'from')} から {_time(site, entry, 'to')} まで"


def _decision_rows(site: Site, entry: Entry) -> Iterator[tuple[str, str]]:
    yield "承認", f"{_person(site, _said(entry, 'decision.by'))}　{_time(site, entry, 'decision.at')}"
    yield "理由", _said(entry, "decision.reason")


def _provision_rows(site: Site, entry: Entry, provided: Provided) -> Iterator[tuple[str, str]]:
    yield "提供日時", _time(site, entry, "handed_over.at")
    yield "提供先", _said(entry, "handed_over.to")
    yield "取扱者", _person(site, entry.actor)
    yield "媒体", _said(entry, "handed_over.medium")
    yield "複写のSHA-256", _grouped(entry.body["copies"][0]["sha256"])
    yield (
        "ファイルのSHA-256",
        f"{_grouped(provided.sealed.sha256)}\n（暗号化済み、{provided.sealed.bytes:,} バイト）",
    )
    yield "この記録の保存期限", in_japanese(datetime.fromisoformat(_said(entry, "keep_until")).date())


def _receipt(provided: Provided) -> Iterator[str]:
    """Whole, so that it can be typed again: privmask register verify --anchor."""
    yield f"<section><h2>台帳の記載証明</h2><pre>{shown(provided.receipt.as_text().rstrip())}</pre></section>"


def _table(head: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"<h2>{head}</h2><table><tbody>"
    yield from (f"<tr><th>{shown(name)}</th><td>{shown(value)}</td></tr>" for name, value in rows)
    yield "</tbody></table>"


def _said(entry: Entry, name: str) -> str:
    found = entry.value(name)
    return "消去済" if found is ERASED else "" if found is None else str(found)


def _joined(entry: Entry, names: Sequence[str]) -> str:
    return "　".join(filter(None, (_said(entry, name) for name in names)))


def _time(site: Site, entry: Entry, name: str) -> str:
    """A moment as the clocks of the site showed it."""
    from zoneinfo import ZoneInfo

    moment = datetime.fromisoformat(_said(entry, name)).astimezone(ZoneInfo(site.site.timezone))
    return f"{in_japanese(moment.date())} {moment:%H:%M}"


def _person(site: Site, id: str) -> str:
    found = next((each for each in site.people if each.id == id), None)
    return f"{found.title or ''} {found.name}".strip() if found else id


def _grouped(sha256: str) -> str:
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))


_NO_PROVISION = Text(
    "{which} は提供の記載でも、提供した複写でもありません（privmask register list --kind provision で確かめてください）",
    "{which} is no entry of a hand-over, and no copy that was handed over; look at privmask register list --kind provision",
)
_NOTES = (
    "この画像は、上の依頼の目的以外に利用し、又は第三者に提供しないでください。",
    "必要がなくなったときは、速やかに消去してください。",
    "複写が台帳の記載のとおりであることは、添付の how-to-check に従って確かめられます。",
    "この票は提供の事実の記録であり、法令への適合を証明するものではありません。",
)
_STYLE = f"""
@page{{size:A4;margin:11mm 16mm}}
*{{box-sizing:border-box;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
html{{background:#e9e9e6}}
body{{margin:24px auto;padding:11mm 16mm;width:210mm;max-width:100%;background:#fff;color:#000;
font:9.5pt/1.42 {MINCHO};line-break:strict;overflow-wrap:anywhere}}
h1{{margin:0 0 .2em;font-size:15pt;text-align:center;letter-spacing:.1em}}
.who{{margin:0 0 .3em;text-align:right}}
h2{{margin:.7em 0 .15em;font-size:1em;break-after:avoid}}
table{{width:99.7%;border-collapse:collapse;table-layout:fixed;font-size:9pt}}
th,td{{border:.5pt solid #000;padding:.7mm 2mm;text-align:left;vertical-align:top;white-space:pre-line}}
th{{width:40mm;background:#efefef;font-weight:bold}}tr,section{{break-inside:avoid}}
p{{margin:0}}ul{{margin:.7em 0 0;padding-left:1.4em;font-size:8pt;line-height:1.4}}
pre{{margin:0;font:8pt/1.35 "Noto Sans Mono CJK JP","DejaVu Sans Mono",monospace;white-space:pre}}
.seal{{margin-top:.8em;break-inside:avoid}}.seal th{{width:34mm;vertical-align:middle}}
.seal td{{height:12mm;white-space:pre;vertical-align:middle}}
@media print{{html{{background:none}}body{{margin:0;padding:0;width:auto}}}}
"""
