"""`privmask verify`: the checklist of a copy."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer, columns_of, note, shown, shown_name, wrapped
from privmask.errors import EvidenceError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.checking import Watch
    from privmask.evidence import Check, Verdict


Copy = Annotated[
    Path,
    typer.Argument(
        metavar="COPY",
        help=both("privmask が作った複写。来歴が隣に必要です。", "A copy made by privmask, its statement beside it."),
    ),
]
Original = Annotated[
    Path | None,
    typer.Option("--original", metavar="CLIP", help=both("照らし合わせる原本。", "The original, to compare with.")),
]
Allowed = Annotated[
    Path | None,
    typer.Option(
        "--allowed-signers",
        metavar="FILE",
        help=both(
            "署名者一覧。署名者から、複写とは別に受け取ったもの。指定がなければ自分の一覧。",
            "Whose signature counts: lines that the signers gave you, but not with the copy. Your own list if not given.",
        ),
    ),
]
Revoked = Annotated[
    Path | None,
    typer.Option(
        "--revoked",
        metavar="FILE",
        help=both(
            "失効した鍵の一覧。指定がなければ自分の一覧。",
            "Keys that are not to be trusted any more; your own list if not given.",
        ),
    ),
]
SignerName = Annotated[
    str | None,
    typer.Option(
        "--signer",
        metavar="NAME",
        help=both(
            "署名しているべき人の名前。指定がなければ一覧の誰でも。",
            "Who must have signed; anybody in the list if not given.",
        ),
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help=both(
            "鍵が有効であるべき日時（例：2026-04-01T18:00+09:00）。指定がなければ来歴にある作成日時。",
            "When the key must have been valid, such as 2026-04-01T18:00+09:00; when the statement says that it was made, "
            "if not given.",
        ),
    ),
]
Tracks = Annotated[
    Path | None,
    typer.Option(
        "--tracks",
        metavar="FILE",
        help=both(
            "動く領域を記した手元のファイル。複写の隣にないとき指定します。",
            "The owner's file of where moving masks were, if not beside COPY.",
        ),
    ),
]
Unsigned = Annotated[
    bool,
    options.flag(
        "--unsigned",
        both("誰も署名していない来歴の複写も認めます。", "Accept a copy whose statement nobody has signed."),
    ),
]
BytesOnly = Annotated[
    bool,
    options.flag(
        "--bytes-only",
        both(
            "署名とバイト列だけを確かめ、映像は読みません。",
            "Check signature and bytes, and do not look at the pictures.",
        ),
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--report",
        metavar="HTML",
        help=both(
            "画像付きの検証報告書（新しい HTML ファイル）。印刷できます。",
            "The verdict as a page with pictures, to be read and printed: a new file.",
        ),
    ),
]
Heatmap = Annotated[
    Path | None,
    typer.Option(
        "--heatmap",
        metavar="PNG",
        help=both(
            "映像全体で、複写と原本が違う所を示す画像（新しいファイル）。",
            "Where COPY differs from CLIP over the whole film, as a picture: a new file.",
        ),
    ),
]


@in_japanese("複写を来歴と一項目ずつ照らし合わせます。合わなければ3で終わります。")
def verify(
    copy: Copy,
    original: Original = None,
    allowed_signers: Allowed = None,
    revoked: Revoked = None,
    signer: SignerName = None,
    at: At = None,
    tracks: Tracks = None,
    unsigned: Unsigned = False,
    bytes_only: BytesOnly = False,
    report: Report = None,
    heatmap: Heatmap = None,
    as_json: options.Json = False,
) -> int:
    """Check a copy against its statement, point by point. Ends with 3 when it does not hold."""
    _require_copy(copy)
    moment = options.moment(at, "--at")
    if heatmap is not None and (original is None or bytes_only):
        raise PlanError(_NO_HEATMAP)
    from privmask.cli.progress import progress_bar
    from privmask.reporting import verify_with_report
    from privmask.verifying import verify_copy

    def checked(watch: Watch | None) -> Verdict:
        with progress_bar() as progress:
            return verify_copy(
                copy,
                original=original,
                tracks=tracks,
                allowed_signers=allowed_signers,
                revoked=revoked,
                signer=signer,
                at=moment,
                accept_unsigned=unsigned,
                bytes_only=bytes_only,
                progress=progress,
                watch=watch,
            )

    done = verify_with_report(checked, copy, report=report, heatmap=heatmap, clock=lambda: datetime.now().astimezone())
    for notice in done.notices:
        note(notice)
    answer(verdict_data(done.verdict), checklist(copy, done.verdict, _columns()), as_json=as_json)
    return 0 if done.verdict.holds else EvidenceError.exit_code


def _require_copy(path: Path) -> None:
    """Raise PlanError, saying what to name instead, where a folder or a copy's companion is named."""
    from privmask.evidence import companion_names

    if path.is_dir() and not path.is_symlink():
        found = [each for each in sorted(path.iterdir()) if Path(companion_names(str(each))[0]).exists()]
        listed = ", ".join(map(shown_name, found[:5])) or _NO_COPY
        raise PlanError(_FOLDER.with_(path=shown_name(path), listed=listed))
    for end in companion_names(""):
        if path.name.endswith(end) and path.name != end:
            copy = path.with_name(path.name.removesuffix(end))
            raise PlanError(_COMPANION.with_(path=shown_name(path), copy=shown_name(copy)))


def _columns() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def verdict_data(verdict: Verdict) -> dict[str, object]:
    """The verdict as JSON-able data, with the exit code it leads to."""
    checks = [
        {
            "number": check.number,
            "name": check.name,
            "outcome": check.outcome,
            "reason": check.reason,
            "asked": check.asked,
        }
        for check in verdict.checks
    ]
    return {"holds": verdict.holds, "checks": checks, "exit_code": 0 if verdict.holds else EvidenceError.exit_code}


def checklist(copy: Path, verdict: Verdict, columns: int | None = None) -> str:
    """The verdict as lines for a person; `columns` wide, where that is given."""
    from privmask.evidence import NAMES

    last = said((_HOLDS if verdict.holds else _FAILS).with_(copy=shown_name(copy), why=_why(verdict)))
    width = max(columns_of(said(word)) for word in _OUTCOMES.values())
    lines: list[str] = []
    for check in verdict.checks:
        outcome = said(_OUTCOMES[check.outcome])
        head = f"{check.number:>2}  {outcome}{' ' * (width - columns_of(outcome))}  "
        lines += _under(head, said(_LINE.with_(name=NAMES[check.number], why=check.words)), columns)
    return "\n".join([*lines, *([""] if columns else []), *_under("", last, columns)])


def _under(head: str, text: str, columns: int | None) -> list[str]:
    """`text` after `head`, in lines that none is wider than `columns`; a hash that is wider than what is left stays whole."""
    first, *others = [shown(text)] if columns is None else wrapped(shown(text), columns - columns_of(head)) or [""]
    return [head + first, *(" " * columns_of(head) + each for each in others)]


def _why(verdict: Verdict) -> Text:
    failed = [check for check in verdict.checks if check.outcome == "FAIL"]
    missed = [check for check in verdict.checks if check.outcome == "NOT CHECKED" and check.asked]
    parts = [words.with_(checks=_named(checks)) for words, checks in ((_FAILED, failed), (_MISSED, missed)) if checks]
    return Text("、".join(each.ja for each in parts), "; ".join(each.en for each in parts))


def _named(checks: list[Check]) -> Text:
    from privmask.evidence import NAMES

    names = [(check.number, NAMES[check.number]) for check in checks]
    return Text("、".join(f"{n} {name.ja}" for n, name in names), ", ".join(f"{n} {name.en}" for n, name in names))


_OUTCOMES = {
    "PASS": Text("合格", "PASS"),
    "FAIL": Text("不合格", "FAIL"),
    "NOT CHECKED": Text("未確認", "NOT CHECKED"),
}
_LINE = Text("{name}：{why}", "{name}: {why}")
_HOLDS = Text("{copy} の証明は成り立っています。", "The evidence for {copy} holds.")
_FAILS = Text("{copy} の証明は成り立ちません：{why}。", "The evidence for {copy} DOES NOT HOLD: {why}.")
_FAILED = Text("{checks} が不合格", "{checks} failed")
_MISSED = Text("{checks} が未確認", "{checks} not checked")
_NO_HEATMAP = Text(
    "--heatmap は映像の違いを示すものです。--original で原本を指定し、--bytes-only は外してください",
    "--heatmap shows where pictures differ; it takes --original CLIP, and not --bytes-only",
)
_FOLDER = Text(
    "{path} はフォルダーです。複写を1つ指定してください：{listed}", "{path} is a folder; name one copy: {listed}"
)
_NO_COPY = Text("この中に複写はありません", "there is none in it")
_COMPANION = Text(
    "{path} は複写に添えたファイルです。複写そのものを指定してください：{copy}",
    "{path} only stands beside a copy; name the copy itself: {copy}",
)
