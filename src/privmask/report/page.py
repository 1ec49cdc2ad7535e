"""The verdict of a verification as one page for people: Japanese and English, with pictures, to be read and printed anywhere.

What comes from a statement or a file name may be an enemy's: it is made `visible`.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from privmask.evidence import Check, Statement, Verdict, keep_aside
from privmask.report import wording
from privmask.report.paper import in_both, paper, visible
from privmask.report.scale import HIDDEN, labels
from privmask.report.wording import Both

if TYPE_CHECKING:
    from privmask.report.figures import Figure

_REASON = 2000
_FACE = {"PASS": "good", "FAIL": "bad", "NOT CHECKED": "open"}


def write_report(
    path: str | os.PathLike[str], verdict: Verdict, copy: str, clock: datetime, figures: Iterable[Figure] = ()
) -> None:
    """Write the report of `verdict` on the copy of that name into a new file, readable by its owner only.

    `clock` is when it was verified. Raises `CopyExistsError` if anything has the name, `CopyError` if it cannot be written.
    """
    page = report_page(verdict, copy, clock, figures)
    with keep_aside(path) as aside:
        aside.publish(page)


def report_page(verdict: Verdict, copy: str, clock: datetime, figures: Iterable[Figure] = ()) -> bytes:
    """The report as an HTML file in UTF-8."""
    parts = (
        *_banner(verdict),
        *_facts(verdict, copy, clock),
        *_checklist(verdict),
        *_pictures(figures),
        *_limits(),
    )
    return paper(wording.TITLE, parts)


def _banner(verdict: Verdict) -> Iterator[str]:
    failed = [check for check in verdict.checks if check.outcome == "FAIL"]
    unchecked = [check for check in verdict.checks if check.outcome == "NOT CHECKED" and check.asked]
    word, what = wording.holding(len(failed), len(unchecked), holds=verdict.holds)
    face = "good" if verdict.holds else "bad" if failed else "open"
    mark = {"good": "✓", "bad": "✗", "open": "?"}[face]
    yield f"<h1>{in_both(wording.TITLE)}</h1>"
    yield f'<section class="verdict {face}"><b class="mark">{mark}</b><div><strong>{word.ja}</strong>'
    yield f"<strong>{word.en}</strong><p>{in_both(what)}</p>{_named(failed or unchecked, mark)}</div></section>"
    aside = [check for check in verdict.checks if check.outcome == "NOT CHECKED" and not check.asked]
    if verdict.holds and aside:
        yield f'<section class="caution">{in_both(wording.CAUTION)}{_named(aside, "?")}</section>'


def _named(checks: Sequence[Check], mark: str) -> str:
    named = (
        f"<li>{mark} {check.number}. {in_both(wording.CHECKS[check.number])}<p>{_why(check)}</p></li>"
        for check in checks
    )
    return f"<ul>{''.join(named)}</ul>" if checks else ""


def _facts(verdict: Verdict, copy: str, clock: datetime) -> Iterator[str]:
    yield '<table class="facts">'
    for name, value in _rows(verdict, copy, clock):
        yield f"<tr><th>{in_both(name)}</th><td>{value}</td></tr>"
    yield "</table>"


def _rows(verdict: Verdict, copy: str, clock: datetime) -> Iterator[tuple[Both, str]]:
    read, said = verdict.copy, verdict.statement
    yield wording.COPY, visible(copy) + (f" ({read.bytes:,} bytes)" if read else "")
    if read:
        yield wording.READ, f"<code>{read.sha256}</code>"
    if said is None:
        yield wording.STATED, in_both(wording.NO_STATEMENT)
    else:
        yield from _stated(said, read.sha256 if read else "")
    yield wording.VERIFIED, escape(clock.isoformat(sep=" ", timespec="seconds"))


def _stated(said: Statement, read: str) -> Iterator[tuple[Both, str]]:
    if said.copy.sha256 != read:
        yield wording.STATED, f"<code>{visible(said.copy.sha256)}</code>"
    original = said.original_before
    yield (
        wording.ORIGINAL,
        f"{visible(original.name)} ({original.bytes:,} bytes)<br><code>{visible(original.sha256)}</code>",
    )
    yield wording.MADE, escape(said.clock.isoformat(sep=" ", timespec="seconds"))
    yield wording.KEY, f"<code>{visible(said.key_id)}</code>" if said.key_id else in_both(wording.UNSIGNED)


def _checklist(verdict: Verdict) -> Iterator[str]:
    yield f'<h2>{in_both(wording.CHECKLIST)}</h2>\n<table class="checks">'
    yield from map(_check, verdict.checks)
    yield "</table>"


def _check(check: Check) -> str:
    word, aside = wording.OUTCOMES[check.outcome], check.outcome == "NOT CHECKED" and not check.asked
    extra = f"<small>{in_both(wording.NOT_ASKED)}</small>" if aside else ""
    return (
        f'<tr class="{"aside" if aside else _FACE[check.outcome]}"><td>{check.number}</td><td><b>{word.ja}</b> <b>{word.en}</b>'
        f"{extra}</td><td>{in_both(wording.CHECKS[check.number])}<p>{_why(check)}</p></td></tr>"
    )


def _why(check: Check) -> str:
    """The reason, in Japanese and below it in English; once, where it is the same in both."""
    said = check.words
    if said.ja == said.en:
        return visible(said.en, _REASON)
    return f'<span lang="ja">{visible(said.ja, _REASON)}</span> <span lang="en">{visible(said.en, _REASON)}</span>'


def _pictures(figures: Iterable[Figure]) -> Iterator[str]:
    yield f"<h2>{in_both(wording.PICTURES)}</h2>"
    drawn = [_figure(figure) for figure in sorted(figures, key=lambda figure: not figure.alarming)]
    yield from drawn or [f"<p>{in_both(wording.NO_PICTURES)}</p>"]


def _figure(figure: Figure) -> str:
    words = "".join(f"<p>{in_both(each)}</p>" for each in figure.words)
    zones = "".join(
        f"<li>{visible(token)} ({escape(kind)}){': ' + visible(reason) if reason else ''}</li>"
        for token, kind, reason in figure.zones
    )
    listed = f"<p>{in_both(wording.ZONES)}</p><ol>{zones}</ol>" if zones else ""
    return (
        f'<figure class="{"bad" if figure.alarming else "plain"}"><img alt="{escape(figure.words[0].ja)}" '
        f'src="data:image/jpeg;base64,{b64encode(figure.jpeg).decode()}">'
        f"<figcaption>{_scale() if figure.scale else ''}{words}{listed}</figcaption></figure>"
    )


def _scale() -> str:
    swatches = (f'<span><i class="heat{place}"></i>{escape(label)}</span>' for place, label in enumerate(labels()))
    return f'<div class="scale">{"".join(swatches)}<span><i class="hatched"></i>{in_both(HIDDEN)}</span></div>'


def _limits() -> Iterator[str]:
    yield f"<h2>{in_both(wording.LIMITS)}</h2>"
    for head, lines in ((wording.PROVES, wording.PROVED), (wording.PROVES_NOT, wording.UNPROVABLE)):
        yield f"<h3>{in_both(head)}</h3><ul>{''.join(f'<li>{in_both(line)}</li>' for line in lines)}</ul>"
