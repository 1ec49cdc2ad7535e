"""The whole 設置・運用規程 as a page for printing on A4: articles, annexes, and whose seal goes where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from privmask.language import Text
from privmask.policy.articles import ANNEXES, Article, Paragraph, articles, closing, title
from privmask.policy.calendar import in_japanese
from privmask.policy.pages import page, shown
from privmask.policy.site import Site
from privmask.policy.style import RULES_STYLE
from privmask.policy.tables import ROLE_WORDS, Camera, Person

_NOTHING = "―"
_ON_A_NEW_PAGE = (1, 5)
_WIDE = {"処置": ' class="wide"'}
_TYPES = {"Color": "塗りつぶし", "Pixelated": "モザイク", "Blurred": "ぼかし"}


def rules_page(site: Site, sha256: str, day: date) -> bytes:
    """The rules as HTML in UTF-8. `sha256` is that of the file they were read from, `day` the day of printing."""
    return page(title(site), RULES_STYLE, _parts(site, sha256, day))


def _parts(site: Site, sha256: str, day: date) -> Iterator[str]:
    yield f"<h1>{shown(title(site))}</h1>"
    yield from _dates(site)
    for number, article in enumerate(articles(site), 1):
        yield from _article(number, article)
    yield '<section class="closing"><h2>附　則</h2>'
    yield from (f"<p>{shown(line)}</p>" for line in closing(site))
    yield "</section>"
    yield from _seal(site)
    for number, rows in enumerate((_cameras, _zones, _people, _contractors, _checklist), 1):
        first = " new" if number in _ON_A_NEW_PAGE else ""
        yield f'<section class="annex{first}"><h2>別表第{number}　{ANNEXES[number - 1]}</h2>'
        yield from rows(site)
        yield "</section>"
    yield from _footer(sha256, day)


def _dates(site: Site) -> Iterator[str]:
    yield '<div class="dates">'
    yield f"<p>{in_japanese(site.site.established_on)}制定</p>"
    yield from (f"<p>{in_japanese(each)}改正</p>" for each in site.site.revised_on)
    yield from (f"<p>{shown(line)}</p>" for line in (site.installer.address, site.installer.name) if line)
    yield "</div>"


def _article(number: int, article: Article) -> Iterator[str]:
    yield f"<article><h2>（{shown(article.heading)}）</h2>"
    for count, paragraph in enumerate(article.paragraphs, 1):
        yield from _paragraph(f"<b>第{number}条</b>" if count == 1 else str(count), paragraph)
    yield "</article>"


def _paragraph(mark: str, paragraph: Paragraph) -> Iterator[str]:
    yield f"<p>{mark}　{shown(paragraph.text)}</p>"
    if paragraph.items:
        items = enumerate(paragraph.items, 1)
        yield "<ol>" + "".join(f"<li>（{number}）　{shown(text)}</li>" for number, text in items) + "</ol>"


def _cameras(site: Site) -> Iterator[str]:
    heads = ("記号", "設置場所", "撮影範囲", "設置日", "廃止日")
    yield from _table(heads, (_camera(camera) for camera in site.cameras))


def _camera(camera: Camera) -> tuple[str, ...]:
    retired = in_japanese(camera.retired_on) if camera.retired_on else _NOTHING
    return camera.id, camera.place, camera.view, in_japanese(camera.installed_on), retired


def _zones(site: Site) -> Iterator[str]:
    heads = ("カメラ", "私的空間", "隠し方", "適用期間")
    yield from _table(heads, (row for camera in site.cameras for row in _zones_of(camera)))


def _zones_of(camera: Camera) -> Iterator[tuple[str, ...]]:
    if camera.plan is not None:
        yield camera.id, f"計画ファイル「{camera.plan}」に定める領域", "同ファイルのとおり", "同ファイルのとおり"
    if camera.nothing_private is not None:
        yield camera.id, f"なし（{camera.nothing_private}）", _NOTHING, _NOTHING
    for zone in camera.zones:
        until = f"\n{in_japanese(zone.valid_until)}まで" if zone.valid_until else ""
        yield camera.id, zone.reason, _TYPES[zone.type], f"{in_japanese(zone.valid_from)}から{until}"


def _people(site: Site) -> Iterator[str]:
    heads = ("区分", "役職", "氏名", "任期", "誓約日", "操作")
    managers_first = sorted(site.people, key=lambda each: "manager" not in each.roles)
    yield from _table(heads, (_person(site, person) for person in managers_first))


def _person(site: Site, person: Person) -> tuple[str, ...]:
    role = ROLE_WORDS["manager" if "manager" in person.roles else "operator"]
    names = {each.id: each.name for each in site.contractors}
    title = "　".join(filter(None, (names.get(person.contractor or ""), person.title))) or _NOTHING
    time = f"{in_japanese(person.valid_from)}から\n{in_japanese(person.valid_until)}まで"
    operates = "行う" if "operator" in person.roles else "行わない"
    return role.ja, title, person.name, time, in_japanese(person.pledged_on), operates


def _contractors(site: Site) -> Iterator[str]:
    if not site.contractors:
        yield "<p>なし</p>"
        return
    heads = ("委託先", "委託する業務", "徹底した日", "取扱いの終了日")
    rows = (
        (c.name, "、".join(c.tasks), in_japanese(c.briefed_on), in_japanese(c.access_ends)) for c in site.contractors
    )
    yield from _table(heads, rows)


def _checklist(site: Site) -> Iterator[str]:
    yield '<p class="when">点検日　　　　年　　月　　日　　　点検者　　　　　　　　　　</p>'
    items = enumerate(site.inspection.checklist, 1)
    yield from _table(("番号", "点検項目", "良・否", "処置"), ((str(n), text, "良 ・ 否", "") for n, text in items))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield (
        "<table><thead><tr>"
        + "".join(f"<th{_WIDE.get(head, '')}>{head}</th>" for head in heads)
        + "</tr></thead><tbody>"
    )
    for row in rows:
        yield "<tr>" + "".join(map(_cell, row)) + "</tr>"
    yield "</tbody></table>"


def _cell(text: str) -> str:
    """Short ones (ids, days, words) stay on one line."""
    kind = ' class="short"' if max(map(len, text.split("\n"))) <= 13 else ""
    return f"<td{kind}>{shown(text)}</td>"


def _seal(site: Site) -> Iterator[str]:
    managers = [person for person in site.people if "manager" in person.roles]
    yield '<div class="seal"><table><tbody>'
    yield _seal_row(Text("設置者", "installer"), f"{site.installer.name}　{site.installer.representative or ''}")
    yield from (_seal_row(ROLE_WORDS["manager"], f"{each.title or ''}　{each.name}".strip("　")) for each in managers)
    yield "</tbody></table></div>"


def _seal_row(role: Text, name: str) -> str:
    return f'<tr><th>{role.ja}</th><td>{shown(name.strip("　"))}</td><td class="box">印</td></tr>'


def _footer(sha256: str, day: date) -> Iterator[str]:
    grouped = " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))
    yield f"<footer><p>{in_japanese(day)}印刷　規程ファイルのハッシュ（SHA-256） <code>{grouped}</code></p>"
    yield (
        "<p>この規程は、台帳の各記載に上のハッシュで結び付けられます。法令への適合を証明するものではなく、適法かどうかは設置者が判断してください。"
        "</p></footer>"
    )
