"""A batch that is over as one page for people: Japanese and English, to be read and printed, without any picture."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from privmask.batch.jobs import Ending, Job, Outcome
from privmask.batch.running import Summary
from privmask.language import Text
from privmask.report.paper import in_both, paper, visible

_LONGEST_REASON = 2000


def batch_page(summary: Summary) -> bytes:
    """The report of the batch as an HTML file in UTF-8; clips that failed come first."""
    pairs = sorted(zip(summary.jobs, summary.outcomes, strict=True), key=lambda pair: _ORDER[pair[1].ending])
    parts = (
        *_banner(summary),
        *_facts(summary),
        f'<h2>{in_both(_CLIPS)}</h2>\n<table class="checks">',
        *(_row(job, outcome) for job, outcome in pairs),
        f"</table>\n<h2>{in_both(_MEANING)}</h2><ul>",
        *(f"<li>{in_both(line)}</li>" for line in _LIMITS),
        "</ul>",
    )
    return paper(_TITLE, parts)


def is_batch_page(head: bytes) -> bool:
    """Whether the first kilobytes of a file are those of such a page."""
    return f"<title>{escape(_TITLE.ja)} {escape(_TITLE.en)}</title>".encode() in head


def _banner(summary: Summary) -> Iterator[str]:
    missing = summary.count("failed") + summary.count("left")
    face, mark, word = ("good", "✓", _ALL)
    if summary.count("failed"):
        face, mark, word = ("bad", "✗", _SOME)
    elif missing:
        face, mark, word = ("open", "?", _BROKEN_OFF)
    what = word.with_(missing=missing, all=len(summary.jobs))
    yield f"<h1>{in_both(_TITLE)}</h1>"
    yield f'<section class="verdict {face}"><b class="mark">{mark}</b><div><strong>{escape(what.ja)}</strong>'
    yield f"<strong>{escape(what.en)}</strong></div></section>"


def _facts(summary: Summary) -> Iterator[str]:
    yield '<table class="facts">'
    for ending, words in ENDINGS.items():
        yield f"<tr><th>{in_both(words)}</th><td>{summary.count(ending)}</td></tr>"
    for name, moment in ((_BEGAN, summary.began), (_ENDED, summary.ended)):
        yield f"<tr><th>{in_both(name)}</th><td>{escape(moment.isoformat(sep=' ', timespec='seconds'))}</td></tr>"
    keys = sorted({job.key_id for job in summary.jobs if job.key_id})
    signed = " ".join(f"<code>{visible(each)}</code>" for each in keys) or in_both(_UNSIGNED)
    yield f"<tr><th>{in_both(_KEY)}</th><td>{signed}</td></tr></table>"


def _row(job: Job, outcome: Outcome) -> str:
    face, word = _FACES[outcome.ending], ENDINGS[outcome.ending]
    lines = [f"{visible(job.original)}<p>→ {visible(job.copy)}</p>"]
    if outcome.sha256:
        lines.append(f"<p>{outcome.frames} {in_both(_FRAMES)} <code>{visible(outcome.sha256)}</code></p>")
    if outcome.message:
        lines += _in_both(outcome.message)
    lines += [line for notice in outcome.notices for line in _in_both(notice)]
    code = f"<small>{outcome.code}</small>" if outcome.code else ""
    return (
        f'<tr class="{face}"><td>{outcome.number}</td><td><b>{word.ja}</b> <b>{word.en}</b>{code}</td>'
        f"<td>{''.join(lines)}</td></tr>"
    )


def _in_both(text: Text) -> Iterator[str]:
    yield f'<p lang="ja">{visible(text.ja, _LONGEST_REASON)}</p>'
    if text.en != text.ja:
        yield f'<p lang="en">{visible(text.en, _LONGEST_REASON)}</p>'


_ORDER: dict[Ending, int] = {"failed": 0, "left": 1, "made": 2, "there": 3}
_FACES: dict[Ending, str] = {"made": "good", "there": "aside", "failed": "bad", "left": "open"}
ENDINGS: dict[Ending, Text] = {
    "made": Text("作成", "made"),
    "there": Text("作成済み", "there already"),
    "failed": Text("失敗", "failed"),
    "left": Text("未着手・中断", "left undone"),
}
"""What became of a job, in words."""

_TITLE = Text("複写の一括作成の報告", "Report of a batch of copies")
_ALL = Text("{all} 件の複写がすべてそろっています", "All {all} copies are there")
_SOME = Text("{all} 件のうち {missing} 件の複写がありません", "Of {all} copies {missing} are missing")
_BROKEN_OFF = Text(
    "中断しました。{all} 件のうち {missing} 件が残っています", "Broken off: of {all} copies {missing} are left undone"
)
_CLIPS, _MEANING = Text("映像ごとの結果", "Clip by clip"), Text("この報告の意味", "What this means")
_BEGAN, _ENDED = Text("開始", "Begun"), Text("終了", "Ended")
_KEY, _UNSIGNED = Text("署名の鍵", "Key that signs"), Text("署名なし", "nobody signs")
_FRAMES = Text("コマ", "frames")
_LIMITS = (
    Text(
        "「作成済み」は、そばの来歴が同じ原本・計画・指定・鍵を述べ、原本と複写の全バイトがその通りだったという意味です。",
        "“There already”: the statement beside the copy names this original, plan, options and key, and all bytes are as stated"
        " in it.",
    ),
    Text(
        "足りないものは、同じ命令をもう一度始めれば作ります。済んだものは作り直しません。",
        "What is missing is made when the same command is given again; what is there is not made again.",
    ),
    Text(
        "この報告に署名はありません。それぞれの複写は privmask verify で確かめてください。",
        "This report is not signed; check each copy with privmask verify.",
    ),
)
