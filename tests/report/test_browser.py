"""A real browser shows the page and prints it, and says nothing about it. Runs where there is a Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from privmask.evidence import Verdict
from privmask.report import report_page
from privmask.report.figures import Drawing
from tests.evidence.small import NOON
from tests.report.made import PLAN, onlooker
from tests.report.made_verdicts import verdict

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
]
GREEN, RED = (227, 243, 230), (253, 229, 231)


@dataclass(frozen=True)
class Browser:
    program: str
    folder: Path

    def open(self, page: bytes, *words: str) -> tuple[str, list[str]]:
        """The document as the browser has made it, and what it has to say about it."""
        file = self.folder / "page.html"
        file.write_bytes(page)
        profile = f"--user-data-dir={self.folder / 'profile'}"
        done = subprocess.run(
            [self.program, *QUIET, profile, *words, file.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """A Chromium: that of `PRIVMASK_CHROMIUM`, or one by its usual names."""
    program = os.environ.get("PRIVMASK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium here; on Debian: apt-get install chromium")
    return Browser(program, tmp_path)


def page_of(found: Verdict) -> bytes:
    return report_page(
        found, "<script>alert(1)</script>.mp4", NOON, Drawing(onlooker(patch=60), PLAN, lossless=False).figures()
    )


def share(image: Path, color: tuple[int, int, int]) -> float:
    """How much of the first screen has that color."""
    points = np.array(Image.open(image).convert("RGB"))
    return float((points == color).all(axis=-1).mean())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("found", "word", "color"),
    [(verdict(), "THE EVIDENCE HOLDS", GREEN), (verdict(failed=(14,)), "THE EVIDENCE DOES NOT HOLD", RED)],
    ids=["good", "bad"],
)
def test_the_verdict_is_seen_at_a_glance_and_the_browser_complains_of_nothing(
    browser: Browser, found: Verdict, word: str, color: tuple[int, int, int]
) -> None:
    picture = browser.folder / "screen.png"
    document, _ = browser.open(page_of(found), "--dump-dom")
    assert word in document
    _, complaints = browser.open(page_of(found), f"--screenshot={picture}", "--window-size=900,700")
    assert complaints == []
    assert share(picture, color) > 0.1


@pytest.mark.slow
def test_it_prints_on_a_few_sheets_of_a4(browser: Browser) -> None:
    paper = browser.folder / "paper.pdf"
    browser.open(page_of(verdict()), f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    text = paper.read_bytes()
    sizes = re.findall(rb"/MediaBox \[0 0 (\S+) (\S+)\]", text)
    assert 2 <= len(sizes) <= 6
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}


@pytest.mark.slow
def test_the_browser_would_complain_of_a_script_or_a_request_if_there_were_one(browser: Browser) -> None:
    """The page's own policy forbids both; so the silence of the other tests means something."""
    page = page_of(verdict())
    for added in (
        b"<script>document.title = 'x'</script>",
        b'<img src="http://127.0.0.1:9/x.png">',
        b'<p style="color:red">',
    ):
        _, complaints = browser.open(page.replace(b"</body>", added + b"</body>"), "--dump-dom")
        assert any("Content Security Policy" in line for line in complaints), added
