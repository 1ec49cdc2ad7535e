"""The public summary (I-1): which cameras there are, for what, and how often pictures were asked for, shown, provided, erased.

It counts entries of the register and names nobody. Whoever has the register can count again with SQL. The head of the register
stands below, so that everybody who keeps a summary can tell later whether what was counted is still there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from privmask.kept import kept_copies
from privmask.language import Language, Text
from privmask.policy import Ground, Site
from privmask.policy.pages import page, shown
from privmask.policy.style import GOTHIC
from privmask.register import Entry, Receipt


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened; `key` names it for programs."""

    key: str
    text: Text
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What is told to the public about the days from `first` to `last`."""

    site: Site
    first: date
    last: date
    by_ground: Mapping[Ground, tuple[Count, ...]]
    counts: tuple[Count, ...]
    head: Receipt

    def as_data(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {
            "site": self.site.site.id,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "cameras": [each.id for each in self.site.cameras],
            "by_ground": {str(g): {each.key: each.count for each in found} for g, found in self.by_ground.items()},
            "counts": {each.key: each.count for each in self.counts},
            "head": self.head.as_data(),
        }


def summarise(site: Site, entries: Sequence[Entry], head: Receipt, first: date, last: date) -> Summary:
    """What the entries of the days from `first` to `last` come to; copies at rest are those of the end of the last day."""
    of_days = [each for each in entries if first <= site.day(each.at) <= last]
    until = [each for each in entries if site.day(each.at) <= last]
    grounds = {each.value("request_id"): each.value("evidence.ground") for each in entries if each.kind == "request"}
    by_ground = {
        ground: tuple(_of_ground([each for each in of_days if grounds.get(each.value("request_id")) == ground]))
        for ground in Ground
    }
    return Summary(site, first, last, by_ground, tuple(_counts(of_days, until)), head)


def _of_ground(entries: Sequence[Entry]) -> Iterator[Count]:
    outcomes = [each.value("decision.outcome") for each in entries]
    yield Count("requests", _REQUESTS, _kinds(entries, "request"))
    yield Count("approved", _APPROVED, outcomes.count("approved"))
    yield Count("refused", _REFUSED, outcomes.count("refused"))
    yield Count("views", _VIEWS, _kinds(entries, "view"))
    yield Count("provisions", _PROVISIONS, _kinds(entries, "provision"))


def _counts(of_days: Sequence[Entry], until: Sequence[Entry]) -> Iterator[Count]:
    complaints = [each for each in of_days if each.kind == "complaint"]
    answers = [each for each in complaints if each.value("answered_at") is not None]
    yield Count("copies", _COPIES, _kinds(of_days, "copy"))
    yield Count("exceptions", _EXCEPTIONS, _kinds(of_days, "exception"))
    kept = kept_copies(until)
    made = {each.copy_id for each in kept.values() if not each.is_drift}
    erased = sum(each.kind == "erasure" and each.value("copy_id") in made for each in of_days)
    yield Count("erasures", _ERASURES, erased)
    yield Count("at_rest", _AT_REST, sum(kept[id].erased_at is None for id in made))
    own = [each for each in of_days if each.kind == "view" and each.value("request_id") is None]
    yield Count("own_views", _OWN_VIEWS, len(own))
    yield Count("refusals", _REFUSALS, _kinds(of_days, "refusal"))
    yield Count("complaints", _COMPLAINTS, len(complaints) - len(answers))
    yield Count("answers", _ANSWERS, len(answers))
    yield Count("leaks", _LEAKS, _kinds(of_days, "leak"))
    yield Count("inspections", _INSPECTIONS, _kinds(of_days, "inspection"))


def _kinds(entries: Sequence[Entry], kind: str) -> int:
    return sum(each.kind == kind for each in entries)


def summary_text(summary: Summary, language: Language) -> str:
    """The summary as lines of text."""
    site = summary.site
    lines = [_title(summary).said(language), "", _CAMERAS.said(language)]
    lines += [f"  {each.id}  {each.place}  {each.view}" for each in site.cameras]
    lines += [_PURPOSES.said(language), *(f"  {each.text}" for each in site.purposes)]
    for ground, counts in summary.by_ground.items():
        numbers = "  ".join(f"{each.text.said(language)} {each.count}" for each in counts)
        lines += [ground.words.said(language), f"  {numbers}"]
    lines += ["", *(f"{each.text.said(language)}: {each.count}" for each in summary.counts)]
    lines += ["", _HEAD.with_(seq=summary.head.seq, hash=summary.head.entry_hash).said(language)]
    return "\n".join([*lines, _LIMITS.said(language)])


def summary_page(summary: Summary, language: Language) -> bytes:
    """The summary as a page for the notice board and for the web, in UTF-8."""
    return page(_title(summary).said(language), _STYLE, _parts(summary, language), language)


def _parts(summary: Summary, language: Language) -> Iterator[str]:
    site = summary.site
    yield f"<h1>{shown(_title(summary).said(language))}</h1><p>{shown(site.installer.name)}</p>"
    yield f"<h2>{_CAMERAS.said(language)}</h2><table>"
    for each in site.cameras:
        yield f'<tr><th class="short">{shown(each.id)}</th><td>{shown(each.place)}</td><td>{shown(each.view)}</td></tr>'
    yield f"</table><h2>{_PURPOSES.said(language)}</h2><ul>"
    yield from (f"<li>{shown(each.text)}</li>" for each in site.purposes)
    yield f"</ul><h2>{_ON_GROUNDS.said(language)}</h2><table><tr><td></td>"
    heads = next(iter(summary.by_ground.values()))
    yield "".join(f'<th class="short">{each.text.said(language)}</th>' for each in heads) + "</tr>"
    for ground, counts in summary.by_ground.items():
        cells = "".join(f'<td class="n">{each.count}</td>' for each in counts)
        yield f"<tr><th>{ground.words.said(language)}</th>{cells}</tr>"
    yield f"</table><h2>{_OTHERWISE.said(language)}</h2><table>"
    for each_count in summary.counts:
        yield f'<tr><th>{each_count.text.said(language)}</th><td class="n">{each_count.count}</td></tr>'
    head = _HEAD.with_(seq=summary.head.seq, hash=summary.head.entry_hash).said(language)
    yield f"</table><footer><p>{head}</p><p>{_LIMITS.said(language)}</p></footer>"


def _title(summary: Summary) -> Text:
    return _TITLE.with_(name=summary.site.site.name, first=summary.first, last=summary.last)


_TITLE = Text(
    "{name} 防犯カメラ運用状況（{first}から{last}まで）",
    "{name}: how the security cameras were run, {first} to {last}",
)
_CAMERAS = Text("防犯カメラ", "Cameras")
_PURPOSES = Text("設置目的", "Purposes")
_ON_GROUNDS = Text("閲覧・提供（根拠別の件数）", "Views and provisions, by ground")
_OTHERWISE = Text("そのほかの件数", "Other counts")
_REQUESTS = Text("依頼", "requests")
_APPROVED = Text("承認", "approved")
_REFUSED = Text("拒否", "refused")
_VIEWS = Text("閲覧", "views")
_PROVISIONS = Text("提供", "provisions")
_COPIES = Text("作成した複写", "Copies made")
_EXCEPTIONS = Text("管理責任者による例外", "Exceptions by the manager")
_ERASURES = Text("消去した複写", "Copies erased")
_AT_REST = Text("期間の末日に保管中の複写", "Copies at rest on the last day")
_OWN_VIEWS = Text("設置目的のための閲覧", "Views for the purposes above")
_REFUSALS = Text("拒否した依頼・行為", "Requests and acts refused")
_COMPLAINTS = Text("苦情・問合せ", "Complaints and inquiries")
_ANSWERS = Text("苦情・問合せへの回答", "Answers to complaints")
_LEAKS = Text("漏えい等", "Leaks")
_INSPECTIONS = Text("点検", "Inspections")
_HEAD = Text("台帳の末尾 記載 {seq} {hash}", "Head of the register: entry {seq}, {hash}")
_LIMITS = Text(
    "件数は台帳の記載を数えたものです。法令やガイドラインへの適合を証明するものではありません。",
    "The counts are those of the register's entries; they do not prove that any law or guideline is complied with.",
)
_STYLE = f"""
@page{{size:A4;margin:15mm 18mm}}
body{{margin:24px auto;padding:0 16px;max-width:180mm;background:#fff;color:#000;font:10.5pt/1.5 {GOTHIC}}}
h1{{font-size:15pt;line-height:1.4;margin:0 0 .4em;text-wrap:balance}}h2{{font-size:11.5pt;margin:1.1em 0 .3em}}
table{{width:100%;border-collapse:collapse}}th,td{{border:.5pt solid #000;padding:.9mm 2mm;text-align:left;vertical-align:top}}
th{{font-weight:normal;background:#f2f2f2;print-color-adjust:exact}}td.n{{text-align:right}}th.short{{white-space:nowrap;width:1%}}tr{{break-inside:avoid}}
footer{{margin-top:1.4em;font-size:8.5pt;color:#333;overflow-wrap:anywhere}}@media print{{body{{margin:0;padding:0}}}}
"""
