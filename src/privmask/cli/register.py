"""`privmask register`: the register (台帳) as it is read, checked, and brought to paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import Words, both, in_japanese
from privmask.cli.language import language, said
from privmask.cli.slip import slip
from privmask.cli.words import answer, say, shown_name
from privmask.errors import EvidenceError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.register import Checked, Entry, Receipt

register = Words(
    help=both(
        "台帳：一覧、検証、末尾ハッシュ、閲覧・提供記録簿、提供記録票の再作成。",
        "The register (台帳): list, verify and print what was recorded.",
    ),
)

REGISTER = Path("register/register.sqlite")
File = Annotated[Path, typer.Argument(metavar="REGISTER", help=both("台帳のファイル。", "The register's file."))]
Anchors = Annotated[
    list[str] | None,
    typer.Option(
        "--anchor",
        metavar="FILE|TEXT",
        help=both(
            "外に控えておいた記載証明又は末尾ハッシュ。何度でも指定できます。",
            "A receipt or head from outside. May be given several times.",
        ),
    ),
]


@register.command("list")
@in_japanese("台帳の記載の一覧を示します。氏名は、求めたときだけ表示します。")
def list_(
    file: File = REGISTER,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help=both("この種類の記載だけ。", "Only entries of this kind.")),
    ] = None,
    personal: Annotated[
        bool, options.flag("--personal", both("氏名や連絡先も表示します。", "Show names and contacts as well."))
    ] = False,
    as_json: options.Json = False,
) -> int:
    """List what was recorded; names of persons only where they are asked for."""
    from privmask.register import KINDS, open_register

    if kind is not None and kind not in KINDS:
        raise PlanError(_NO_KIND.with_(kind=kind, kinds=", ".join(KINDS)))
    with open_register(file) as opened:
        entries = list(opened.entries(kind=kind))
        site = opened.site
    data = {"site": site, "entries": [_as_data(each, personal) for each in entries], "exit_code": 0}
    text = "\n".join(_line(each, personal) for each in entries) or said(_NOTHING)
    answer(data, text, as_json=as_json)
    return 0


@register.command()
@in_japanese("全てのハッシュを計算し直します。書かれたときと違えば、最初の場所を示して3で終わります。")
def verify(
    file: File = REGISTER,
    anchor: Anchors = None,
    script: Annotated[
        bool,
        options.flag(
            "--script",
            both(
                "sqlite3 と sha256sum だけで台帳を確かめるシェルスクリプトを表示します。",
                "Print a shell script that checks the chain with sqlite3 and sha256sum alone.",
            ),
        ),
    ] = False,
    as_json: options.Json = False,
) -> int:
    """Compute every hash again. Ends with 3 and names the first bad entry if the register is not what was written."""
    from privmask.register import check_register

    if script:
        answer({"script": _script(), "exit_code": 0}, _script().rstrip(), as_json=as_json)
        return 0
    anchors = [read_anchor(each) for each in anchor or ()]
    checked = check_register(file, anchors)
    code = EvidenceError.exit_code if checked.faults else 0
    faults = [{"seq": each.seq, "what": said(each.what)} for each in checked.faults]
    head = checked.head.as_data() if checked.head else None
    data = {"register": str(file), "holds": not code, "faults": faults, "head": head, "anchors": len(anchors)}
    answer({**data, "exit_code": code}, _verdict(checked, len(anchors)), as_json=as_json)
    return code


@register.command()
@in_japanese("台帳の末尾ハッシュを、紙に控えるために表示します。控えがあれば、後の書換えが分かります。")
def head(file: File = REGISTER, as_json: options.Json = False) -> int:
    """Print the register's head (末尾ハッシュ) for paper: whoever keeps it can tell later whether anything changed."""
    from privmask.register import open_register

    with open_register(file) as opened:
        receipt = opened.head()
    answer({**receipt.as_data(), "exit_code": 0}, f"{receipt.as_text()}\n{said(_KEEP)}", as_json=as_json)
    return 0


@register.command()
@in_japanese("閲覧・提供記録簿を、印刷用の HTML 又は表計算用の CSV にします。氏名が入ります。")
def export(
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="HTML|CSV",
            help=both(
                "新しいファイル。名前の終わり（.html か .csv）で形式が決まります。",
                "A new file; its ending says which of both.",
            ),
        ),
    ],
    file: File = REGISTER,
    as_json: options.Json = False,
) -> int:
    """Write the 閲覧・提供記録簿, in Japanese: a page to be printed, or a table for a spreadsheet. It holds names."""
    from privmask.evidence import keep_aside
    from privmask.register import check_register, open_register
    from privmask.register.export import export_csv, export_html

    ending = output.suffix.lower()
    if ending not in (".html", ".csv"):
        raise PlanError(_WHICH_ENDING.with_(name=shown_name(output)))
    with keep_aside(output) as aside, open_register(file) as opened:
        checked = check_register(file)
        if checked.faults:
            raise EvidenceError(_NOT_WHOLE.with_(what=checked.faults[0].what))
        aside.publish(export_csv(opened) if ending == ".csv" else export_html(opened, _now()))
    answer({"file": str(output), "exit_code": 0}, said(_WRITTEN.with_(name=shown_name(output))), as_json=as_json)
    return 0


register.command()(slip)


def read_anchor(text: str) -> Receipt:
    """The receipt in the file of that name, or in the words themselves."""
    from privmask.register import Receipt

    if "\n" in text or text.lstrip().startswith("{"):
        return Receipt.parse(text)
    try:
        return Receipt.parse(Path(text).read_bytes()[:100_000].decode())
    except OSError as cause:
        raise PlanError(_NO_ANCHOR.with_(name=shown_name(text))) from cause
    except UnicodeDecodeError:
        return Receipt.parse("")  # says what a receipt is


def _script() -> str:
    from importlib.resources import files

    return (files("privmask.register") / "verify-register.sh").read_text("utf-8")


def _verdict(checked: Checked, anchors: int) -> str:
    if checked.faults:
        return "\n".join(
            [said(_BAD.with_(what=checked.faults[0].what)), *(said(each.what) for each in checked.faults[1:])]
        )
    assert checked.head
    lines = [said(_HOLDS.with_(count=checked.head.seq, site=checked.head.site))]
    if not anchors:
        say(said(_NO_ANCHORS))
    return "\n".join(lines)


def _line(entry: Entry, personal: bool) -> str:
    from privmask.register import KINDS

    request = entry.value("request_id") or ""
    cells = [
        f"{entry.seq:>6}",
        entry.at.isoformat(sep=" "),
        KINDS[entry.kind].said(language()),
        entry.actor,
        str(request),
    ]
    names = [f"{name}={said(_ERASED) if value is None else value}" for name, value in entry.personal.items()]
    return "  ".join([*cells, *(names if personal else ())]).rstrip()


def _as_data(entry: Entry, personal: bool) -> dict[str, object]:
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "body": dict(entry.body),
        "personal": dict(entry.personal) if personal else sorted(entry.personal),
        "policy_sha256": entry.policy_sha256,
        "entry_hash": entry.entry_hash,
    }


def _now() -> datetime:
    return datetime.now().astimezone()


_NO_KIND = Text("「{kind}」という種類はありません：{kinds}", "there is no kind {kind!r}; the kinds are {kinds}")
_NOTHING = Text("記載はありません。", "nothing is recorded.")
_ERASED = Text("消去済", "(erased)")
_KEEP = Text(
    "この控えを紙に印刷するか書き写し、日付を確かめて、台帳とは別の所に保管してください。"
    "後日 privmask register verify --anchor で照合できます。",
    "Print this or copy it by hand, look at the date, and keep it elsewhere than the register; later compare the register with"
    " it: privmask register verify --anchor.",
)
_WHICH_ENDING = Text(
    "{name} は .html か .csv で終わる名前にしてください",
    "{name} must end in .html or .csv, to say which of both is written",
)
_NOT_WHOLE = Text(
    "台帳が検証に通らないため、記録簿を作りません：{what}",
    "the register does not hold, so nothing is made of it: {what}",
)
_WRITTEN = Text(
    "{name} を作りました。氏名などの個人情報が入っています。取扱いに注意してください。",
    "{name} is written. It holds names and contacts: handle it with care.",
)
_NO_ANCHOR = Text("記載証明のファイル {name} が読めません", "the receipt {name} cannot be read")
_BAD = Text("台帳は検証に通りません。最初の誤り：{what}", "The register does NOT hold. The first fault: {what}")
_HOLDS = Text(
    "台帳（{site}）の {count} 件の記載は、すべて記載されたときのままです。",
    "All {count} entries of the register of {site} are as they were recorded.",
)
_NO_ANCHORS = Text(
    "注意：紙などに控えた末尾ハッシュ（--anchor）がないと、末尾の切り取りや全部の書き直しは分かりません。",
    "note: without a head that was kept on paper (--anchor) nobody can see that the end was cut off, or all of it rewritten.",
)
