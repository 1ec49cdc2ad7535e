"""The rules and the sign on paper: all that the file says, in the guideline's order, and nothing that acts."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from typing import Literal

import pytest

from privmask.policy import Site, policy_hash, site_from
from privmask.policy.articles import articles
from privmask.policy.calendar import in_japanese
from privmask.policy.printing import rules_page
from privmask.policy.signboard import sign_page
from tests.policy.sites import GOOD, site_text

DAY = date(2026, 11, 23)
HOSTILE = "</h1><script>alert(1)</script><img src=x onerror=alert(1)>&amp;'"
ORDER = [
    "目的", "設置目的及び目的外利用の禁止", "対象となるカメラ", "設置場所及び撮影範囲", "設置の表示",
    "管理責任者及び操作取扱者", "秘密の保持", "記録装置及び記録媒体の管理", "複写及び加工の制限", "画像の保存期間",
    "画像の消去及び記録媒体の処分", "インターネットへの接続", "画像の閲覧及び提供の制限", "画像の閲覧及び提供の手続",
    "苦情等への対応", "業務の委託", "保守点検等", "防犯カメラの廃止", "規程の周知", "個人情報の保護",
]  # fmt: skip


def rules(site: Site | None = None) -> str:
    return rules_page(site or site_from(site_text()), policy_hash(site_text()), DAY).decode()


def words(page: str) -> str:
    """What a reader sees of the page, without blanks."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]+>", "", body)))


def test_the_rules_have_every_section_of_the_guideline_in_its_order() -> None:
    found = [article.heading for article in articles(site_from(site_text()))]
    assert found == ORDER
    page = words(rules())
    places = [page.index(f"（{heading}）第{number}条") for number, heading in enumerate(ORDER, 1)]
    assert places == sorted(places)


def test_the_articles_answer_the_clauses_in_order_and_leave_none_out() -> None:
    clauses = [article.clause for article in articles(site_from(site_text()))]
    needed = {
        "I-1",
        "I-2",
        *(f"II-{n}" for n in (1, 2, 3, 4, 5, 8, 9, 10)),
        *(f"II-6({n})" for n in (1, 2, 3, 4, 6)),
        "III",
        "IV",
    }
    assert needed | {"II-7(1)", "II-7(2)"} == set(clauses)


def test_what_one_article_says_about_another_is_true() -> None:
    found = articles(site_from(site_text()))
    (copying,) = (each for each in found if each.heading == "複写及び加工の制限")
    assert "第13条の規定により提供する場合を除き" in copying.paragraphs[0].text
    assert found[12].heading == "画像の閲覧及び提供の制限"
    assert found[12].paragraphs[0].items[3].startswith("画像から識別される本人")  # 第1項第4号


def test_every_value_of_the_file_that_people_should_know_stands_in_the_rules() -> None:
    page = words(rules())
    for value in re.findall(r'"([^"]*[^\x00-\x7f][^"]*)"', GOOD):
        assert re.sub(r"\s", "", value) in page, value
    for value in ("14日間", "30日間", "5年間", "14日以内", "90日以内", "000-000-0000", "令和8年4月1日から施行"):
        assert value in page, value


def test_the_hash_that_stands_in_every_record_stands_on_the_paper() -> None:
    assert policy_hash(site_text()) in words(rules())


def test_the_rules_never_say_that_they_comply() -> None:
    page = words(rules())
    assert "適合を証明するものではなく" in page
    assert page.count("適合") == 1


def test_outside_the_guideline_the_rules_do_not_claim_its_conditions() -> None:
    page = words(rules(site_from(site_text(("public_place = true", "public_place = false")))))
    assert "要件の一部に該当しない" in page
    assert "次の各号のいずれにも該当する" not in page


def test_without_the_internet_and_contractors_the_rules_say_so() -> None:
    text = site_text(("connected = true", "connected = false"))
    text = text[: text.index(b"[[contractor]]")].replace(b'contractor = "maintenance"\n', b"")
    page = words(rules(site_from(text)))
    assert "インターネットに接続しない" in page
    assert "現在、委託先はない。" in page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in ("meta", "path", "rect", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("printed", ["rules", "sign"])
def test_values_are_letters_in_the_page_whatever_they_hold(printed: str) -> None:
    literal, text = f'"{HOSTILE}"', GOOD
    for key in ("name", "place", "text", "reason", "phone", "title", "how", "disposal", "view"):
        text = re.sub(
            rf'^{key} = ".*"$', lambda match: f"{match[0].split(' = ')[0]} = {literal}", text, flags=re.MULTILINE
        )
    text = text.replace(f"view = {literal}", 'view = "a"', 1)  # two cameras in one place would be a mistake
    site = site_from(text.encode())
    page = rules(site) if printed == "rules" else sign_page(site).decode()
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.found.isdisjoint({"script", "img", "link", "iframe", "object", "form", "base", "a"})
    assert not any(name.startswith("on") or name in ("src", "href", "style") for name in tags.attributes)
    assert HOSTILE in unescape(page)


@pytest.mark.parametrize("printed", ["rules", "sign"])
def test_the_pages_fetch_nothing_and_run_nothing(printed: str) -> None:
    page = rules() if printed == "rules" else sign_page(site_from(site_text())).decode()
    assert "default-src 'none'" in page
    for word in ("http:", "https:", "url(", "@import", "<script", "javascript:"):
        assert word not in page


def test_the_sign_says_what_ii_3_asks_for() -> None:
    page = words(sign_page(site_from(site_text())).decode())
    for value in (
        "防犯カメラ作動中",
        "中央通り商店街振興組合",
        "中央通り商店街振興組合事務所",
        "000-000-0000",
        "平日9時から17時まで",
    ):
        assert value in page


def test_the_sign_names_nobody() -> None:
    assert "佐藤" not in words(sign_page(site_from(site_text())).decode())


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 4, 1), "令和8年4月1日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1900, 1, 1), "1900年1月1日"),
    ],
)
def test_days_are_written_as_offices_write_them(day: date, said: str) -> None:
    assert in_japanese(day) == said


@pytest.mark.parametrize("paper", ["a4", "a3"])
def test_the_sign_is_of_the_papers_size_and_says_who_what_for_and_whom_to_ask(paper: Literal["a4", "a3"]) -> None:
    site = site_from(site_text())
    page = sign_page(site, paper).decode()
    assert f"@page{{size:{paper.upper()} landscape;margin:0}}" in page
    said = words(page[page.index("<main>") :])
    order = [site.sign.text, site.installer.name, site.purposes[0].text, site.contact.name, site.contact.phone]
    places = [said.index(re.sub(r"\s", "", each)) for each in order]
    assert places == sorted(places)


def test_a_sign_that_nobody_could_read_names_the_first_purpose_for_all() -> None:
    more = '[[purpose]]\nid = "more"\ntext = "{}"\n\n[sign]'.format("通路における事故の発生した場合の事実の確認" * 3)
    site = site_from(site_text(("[sign]", more)))
    assert f"{site.purposes[0].text}ほか" in words(sign_page(site).decode())
