"""The page of a report: what it says, and that no statement and no file name can make it say or do anything else."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from privmask.checking import Findings
from privmask.differing import Differing
from privmask.errors import CopyError, CopyExistsError
from privmask.evidence import NAMES, Verdict
from privmask.geometry import Box
from privmask.masks import DynamicMask, MaskPlan, fit_masks
from privmask.report import report_page, visible, write_report
from privmask.report.figures import Drawing, Figure
from privmask.report.wording import CHECKS, SHOWN
from privmask.sighting import Sighting
from tests.conftest import ROOT
from tests.evidence.small import KEY, NOON
from tests.masks.made import picture
from tests.report.made import PLAN, SIZE, grey, onlooker
from tests.report.made_verdicts import COPY, of_original, statement, verdict

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>' onload='",
    "a\u202egnp.exe",
    "&lt;b&gt; --> ]]> </style><style>*{display:none}",
    "bad\udcffbytes\x00\x1b[31m\n\r\u2028end",
    "x" * 10_000,
]


class Page(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text without that of the style."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.style = "", ""
        self._within = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._within = tag

    def handle_endtag(self, _tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "style":
            self.style += data
        else:
            self.text += data

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]


def page_of(found: Verdict, copy: str = "copy.mp4", figures: tuple[Figure, ...] = ()) -> Page:
    return Page(report_page(found, copy, NOON, figures))


def test_every_check_has_its_words_in_both_languages() -> None:
    assert list(CHECKS) == list(NAMES)
    assert all(CHECKS[number].en.startswith(name.en) for number, name in NAMES.items())
    assert not any(both.ja.isascii() for both in CHECKS.values())


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (verdict(), ("証明は成り立っています", "THE EVIDENCE HOLDS")),
        (verdict(failed=(5,)), ("証明は成り立ちません", "THE EVIDENCE DOES NOT HOLD")),
        (verdict(failed=(5,), missed=(3,)), ("証明は成り立ちません", "THE EVIDENCE DOES NOT HOLD")),
        (verdict(missed=(3,)), ("証明されていません", "NOT PROVED")),
        (Verdict(()), ("証明されていません", "NOT PROVED")),
    ],
    ids=["all pass", "one fails", "one fails and one is missed", "one is missed", "nothing was checked"],
)
def test_the_verdict_stands_on_top_in_one_of_three_words(found: Verdict, told: tuple[str, str]) -> None:
    text = page_of(found).text
    others = {"証明は成り立っています", "証明は成り立ちません", "証明されていません"} - set(told)
    assert all(word in text for word in told)
    assert not any(word in text for word in others)


def test_what_failed_is_named_with_its_reason_beside_the_verdict() -> None:
    top = page_of(verdict(failed=(10,), reason="pictures changed between 10.0 s and 12.0 s")).text.split("sha256")[0]
    assert CHECKS[10].ja in top
    assert "pictures changed between 10.0 s and 12.0 s (10)" in top
    assert CHECKS[9].ja not in top


def test_a_verdict_that_holds_says_what_nobody_asked_for() -> None:
    """Whoever takes an unsigned copy must not read a proof of its maker in the green of the page."""
    top = page_of(verdict(aside=(2, 3))).text.split("sha256")[0]
    assert "HOLDS" in top
    assert "nobody asked" in top
    assert CHECKS[3].en in top
    assert "nobody asked" not in page_of(verdict()).text


def test_each_check_has_its_outcome_as_a_word_and_as_a_color() -> None:
    page = page_of(verdict(failed=(5,), missed=(3,), aside=(14,)))
    rows = [each["class"] for tag, each in page.elements if tag == "tr" and "class" in each]
    assert rows == ["good", "good", "open", "good", "bad", *["good"] * 8, "aside", "good"]
    assert page.text.count("不合格") == page.text.count("FAIL") == 1
    assert page.text.count("NOT CHECKED") == 2
    assert len(re.findall("so it is \\(\\d+\\)", page.text)) == 2 * (15 + 1)  # in both languages


def test_names_hashes_signer_and_times_stand_on_the_page() -> None:
    text = page_of(verdict(), "sent.mp4").text
    assert all(each in text for each in ("sent.mp4", "clip.mp4", COPY.sha256, KEY.key_id))
    assert hashlib.sha256(b"footage").hexdigest() in text
    assert "2026-11-23 12:00:00+00:00" in text
    unsigned = replace(verdict(), statement=statement(signed=False))
    assert "nobody signed it" in page_of(unsigned).text
    assert "no statement" in page_of(replace(verdict(), statement=None, copy=None)).text


def test_a_copy_that_is_not_the_stated_one_shows_both_hashes() -> None:
    other = replace(verdict(failed=(5,)), copy=replace(COPY, sha256="7" * 64))
    assert all(each in page_of(other).text for each in ("7" * 64, COPY.sha256))
    assert page_of(verdict()).text.count(COPY.sha256) == 1


def test_the_page_says_what_is_proved_and_what_is_not() -> None:
    text = page_of(verdict()).text
    assert "can sign a lie" in text
    assert "うその来歴" in text
    assert "not signed" in text


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "attribute", "bidi", "markup", "bytes", "long"])
def test_hostile_text_anywhere_makes_no_element_and_hides_nothing(text: str) -> None:
    framed = Figure(b"jpeg", (SHOWN,))
    tame, wild = (
        page_of(
            replace(verdict(failed=(4,), reason=each), statement=of_original(each)),
            each,
            (replace(framed, zones=((each, "Color", each),)),),
        )
        for each in ("tame", text)
    )
    assert wild.elements == tame.elements
    assert wild.style == tame.style
    assert not set(wild.text) & {"\u202e", "\x00", "\x1b", "\u2028", "\udcff", "\r"}
    assert len(wild.text) < len(tame.text) + 90_000
    assert "x" * 2001 not in wild.text


def test_what_cannot_be_seen_is_spelled_out_and_what_is_long_is_cut() -> None:
    assert visible("a\u202eb\x00\udcff") == "<bdi>a\\u202eb\\u0000\\xff</bdi>"
    assert visible("隣家\u3000の窓") == "<bdi>隣家\u3000の窓</bdi>"
    assert visible("<&\"'>") == "<bdi>&lt;&amp;&quot;&#x27;&gt;</bdi>"
    assert visible("x" * 10_000) == f"<bdi>{'x' * 400}… (10000)</bdi>"


def test_the_page_asks_nobody_for_anything_and_forbids_itself_the_rest() -> None:
    drawn = tuple(Drawing(onlooker(patch=60), PLAN, lossless=False).figures())
    page = page_of(verdict(), figures=drawn)
    assert not {"script", "link", "iframe", "object", "form", "base", "a"} & set(page.tags)
    sources = [each["src"] or "" for tag, each in page.elements if tag == "img"]
    assert len(sources) == len(drawn) == 3
    assert all(source.startswith("data:image/jpeg;base64,/9j/") for source in sources)
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert not any(name.startswith("on") or name in ("style", "href") for _, each in page.elements for name in each)
    policy = next(each["content"] for _, each in page.elements if each.get("http-equiv") == "Content-Security-Policy")
    hashed = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    )


def test_alarming_pictures_come_first() -> None:
    drawn = list(Drawing(onlooker(patch=60, unhidden=True), PLAN, lossless=False).figures())
    assert [each.alarming for each in drawn] == [False, True, True, True]
    page = page_of(verdict(failed=(12, 14)), figures=tuple(drawn))
    assert [each["class"] for tag, each in page.elements if tag == "figure"] == ["bad", "bad", "bad", "plain"]
    assert "It is not hidden where the ring is" in page.text
    assert "gate" in page.text
    assert "the neighbour's window" in page.text


def test_what_moves_is_told_by_number_and_a_frame_without_zones_speaks_of_none() -> None:
    faces = MaskPlan((), dynamic=(DynamicMask("face"),))
    drawn = picture(SIZE)
    hidden = fit_masks(faces, drawn).at(grey(drawn), (Sighting(1, "face", Box(10, 10, 40, 40)),))
    moving = Differing()
    moving.look(Findings(), hidden, grey(drawn), None)
    (figure,) = Drawing(moving, faces, lossless=False).figures()
    assert [words.en for words in figure.words[1:]] == ["What moves, such as faces, is hidden: 1 on this frame."]


def test_without_pictures_the_page_says_so() -> None:
    assert "No picture was looked at" in page_of(verdict(missed=(12,))).text


def test_a_report_is_its_owners_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, verdict(), "copy.mp4", NOON)
    assert path.read_bytes() == report_page(verdict(), "copy.mp4", NOON)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CopyExistsError):
        write_report(path, verdict(failed=(1,)), "copy.mp4", NOON)
    with pytest.raises(CopyError):
        write_report(tmp_path / "missing" / "report.html", verdict(), "copy.mp4", NOON)
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_page_without_pictures_is_written_without_numpy_and_pillow() -> None:
    code = (
        "import sys\n"
        "for name in ('numpy', 'numba', 'av', 'PIL', 'cv2'): sys.modules[name] = None\n"
        "import privmask.report, privmask.reporting\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT / "src")})
