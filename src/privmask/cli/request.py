"""`privmask request`: requests (提供依頼) to see pictures or to get a copy, from the counter to the manager's decision."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from privmask.cli import options
from privmask.cli.asking import is_terminal
from privmask.cli.helping import Words, both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of, recorded
from privmask.cli.words import answer, shown_name
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.filed import Filed

request = Words(
    help=both(
        "提供依頼（閲覧又は複写の提供）：受け付ける、決定する、一覧を見る。",
        "Requests (提供依頼) to see pictures or to get a copy: file, decide, list.",
    ),
)

LARGEST = 1 << 20


@request.command()
@in_japanese(
    "提供依頼を受け付けます。--from と --set で与えない項目は端末で尋ねます。項目の一覧：privmask request fields"
)
def new(
    person: As,
    site: Site = SITE,
    file: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help=both("提供依頼の JSON。- なら標準入力。", "The request as JSON; - for standard input."),
        ),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=both(
                "項目の値（例：kind=view）。何度でも指定できます。",
                "One field, such as kind=view. May be given several times.",
            ),
        ),
    ] = None,
    as_json: options.Json = False,
) -> int:
    """File a request. What --from and --set leave open is asked for on a terminal; the names: privmask request fields."""
    from privmask.requesting import file_request

    data = _read(file) if file else {}
    for field in fields or ():
        _put(data, *_split(field))
    if not data and not is_terminal():
        raise PlanError(_NOTHING)
    with office_of(site, "request") as office:
        if is_terminal() and file is None:
            from privmask.cli.request_asking import ask_request

            office.actor(person, about={"act": "request"})  # before a long talk
            ask_request(data, office.site, office.at)
        id, receipt = file_request(office, person, data)
    text = f"{said(_FILED.with_(id=id))}\n{recorded(receipt)}"
    answer({"request_id": id, "receipt": receipt.as_data(), "exit_code": 0}, text, as_json=as_json)
    return 0


@request.command()
@in_japanese("提供依頼を承認し、又は拒否します（一度だけ）。行えるのは管理責任者だけです。")
def decide(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help=both("提供依頼の番号（例：R-2026-0001）。", "The request, such as R-2026-0001.")
        ),
    ],
    person: As,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help=both("理由。台帳に記録します。", "Why; it is recorded."))
    ],
    approve: Annotated[bool, options.flag("--approve", both("承認します。", "Allow what is asked for."))] = False,
    refuse: Annotated[bool, options.flag("--refuse", both("拒否します。", "Allow nothing."))] = False,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Approve or refuse a request, once. Only the manager does."""
    from privmask.requesting import decide_request

    if approve == refuse:
        raise PlanError(_ONE_OF_BOTH)
    with office_of(site, "decide") as office:
        receipt = decide_request(office, person, id, "approved" if approve else "refused", reason)
    done = _APPROVED if approve else _REFUSED
    data = {
        "request_id": id,
        "outcome": "approved" if approve else "refused",
        "receipt": receipt.as_data(),
        "exit_code": 0,
    }
    answer(data, f"{said(done.with_(id=id))}\n{recorded(receipt)}", as_json=as_json)
    return 0


@request.command("list")
@in_japanese("提供依頼の一覧を、決定とその後の状況とともに示します。氏名は表示しません。")
def list_(site: Site = SITE, as_json: options.Json = False) -> int:
    """List the requests, with what was decided and what came of each. Names of persons are not shown."""
    from privmask.filed import list_requests

    with office_of(site, "list") as office:
        found = list_requests(office)
    text = "\n".join(map(_line, found)) or said(_NONE)
    answer({"requests": [each.as_data() for each in found], "exit_code": 0}, text, as_json=as_json)
    return 0


@request.command()
@in_japanese("提供依頼の全項目を、氏名も含めて、権限のある人に表示します。")
def show(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help=both("提供依頼の番号（例：R-2026-0001）。", "The request, such as R-2026-0001.")
        ),
    ],
    person: As,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Show all that a request says, with names, to somebody of the site who may act."""
    from privmask.filed import STATES, find_request
    from privmask.policy import required_fields
    from privmask.requesting import read_filed

    with office_of(site, "read") as office:
        said_in = read_filed(office, person, id)
        filed = find_request(office, id)
    fields = [(path, word) for path, word in required_fields(filed.ground) if path in said_in]
    lines = [f"{said(word)}  {_in_words(said_in[path])}" for path, word in fields]
    data = {**filed.as_data(), "fields": said_in, "exit_code": 0}
    answer(data, "\n".join([*lines, said(STATES[filed.state])]), as_json=as_json)
    return 0


@request.command()
@in_japanese("提供の根拠ごとに必要な項目を示します。根拠を指定しなければ、共通の項目と4つの根拠を示します。")
def fields(
    ground: Annotated[
        str | None,
        typer.Argument(metavar="GROUND", help=both("提供の根拠（4つのうち1つ）。", "One of the four grounds.")),
    ] = None,
    as_json: options.Json = False,
) -> int:
    """Name the fields that a request on that ground needs; without a ground, those that all need, and the grounds."""
    from privmask.policy import Ground, required_fields

    if ground is not None and ground not in list(Ground):
        raise PlanError(_NO_GROUND.with_(ground=ground, grounds=", ".join(Ground)))
    needed = [each for each in required_fields(Ground(ground) if ground else None) if each[0] != "request_id"]
    lines = [f"{path:<38} {said(word)}" for path, word in needed]
    lines += [] if ground else [f"  {each:<36} {said(each.words)}" for each in Ground]
    data = {"fields": [{"path": path, "ja": word.ja, "en": word.en} for path, word in needed], "exit_code": 0}
    answer(data, "\n".join(lines), as_json=as_json)
    return 0


def _line(filed: Filed) -> str:
    from privmask.filed import STATES

    cells = (
        filed.id,
        said(STATES[filed.state]),
        said(filed.ground.words),
        " ".join(filed.cameras),
        f"{filed.start:%Y-%m-%d %H:%M} – {filed.end:%Y-%m-%d %H:%M}",
        said(_CAME_OF_IT.with_(views=filed.views, copies=filed.copies, provisions=filed.provisions)),
    )
    return "  ".join(cells)


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return said(_ERASED) if value is None else str(value)


def _read(file: Path) -> dict[str, Any]:
    """The object in the file; what cannot be one was not meant as a request."""
    try:
        text = sys.stdin.buffer.read(LARGEST + 1) if str(file) == "-" else _start_of(file)
        data = json.loads(text)
    except OSError as cause:
        raise PlanError(_UNREADABLE.with_(file=shown_name(file), why=cause.strerror)) from cause
    except (ValueError, RecursionError) as cause:
        raise PlanError(_NO_JSON.with_(file=shown_name(file))) from cause
    if not isinstance(data, dict) or len(text) > LARGEST:
        raise PlanError(_NO_JSON.with_(file=shown_name(file)))
    return data


def _start_of(file: Path) -> bytes:
    with open(file, "rb") as opened:
        return opened.read(LARGEST + 1)


def _split(field: str) -> tuple[str, str]:
    name, equals, value = field.partition("=")
    if not equals or not all(name.split(".")):
        raise PlanError(_NO_FIELD)
    return name, value


def _put(data: dict[str, Any], path: str, value: str) -> None:
    *tables, last = path.split(".")
    table: Any = data
    for name in tables:
        table = table.setdefault(name, {})
        if not isinstance(table, Mapping):
            raise PlanError(_NO_TABLE.with_(path=path))
    table[last] = [each.strip() for each in value.split(",")] if path == "cameras" else value


_NOTHING = Text(
    "提供依頼の内容がありません。--from FILE か --set NAME=VALUE で与えるか、端末で実行してください"
    "（項目の一覧：privmask request fields）",
    "there is no request: give it with --from FILE or --set NAME=VALUE, or answer on a terminal"
    " (its fields: privmask request fields)",
)
_FILED = Text(
    "提供依頼 {id} を受け付けました。次は管理責任者の決定です：privmask request decide {id} …",
    "the request is filed as {id}; the manager decides next: privmask request decide {id} …",
)
_ONE_OF_BOTH = Text("--approve か --refuse のどちらか一方を指定してください", "say one of --approve and --refuse")
_APPROVED = Text(
    "提供依頼 {id} を承認しました。次は、閲覧なら privmask view、複写の提供なら privmask mask です（どちらも --request {id}）",
    "the request {id} is approved; next comes privmask view, or for a copy privmask mask, either with --request {id}",
)
_REFUSED = Text("提供依頼 {id} を拒否しました", "the request {id} is refused")
_ERASED = Text("消去済", "(erased)")
_NONE = Text("提供依頼はありません", "there are no requests")
_CAME_OF_IT = Text(
    "閲覧 {views}・複写 {copies}・提供 {provisions}", "{views} viewed, {copies} copied, {provisions} provided"
)
_NO_GROUND = Text(
    "提供の根拠「{ground}」はありません。次のどれかです：{grounds}",
    "there is no ground {ground!r}; the grounds are {grounds}",
)
_UNREADABLE = Text("{file} が読めません（{why}）", "{file} cannot be read: {why}")
_NO_JSON = Text(
    "{file} は提供依頼の JSON（1 MiB 以内の1つのオブジェクト）ではありません",
    "{file} is no request in JSON: one object of at most 1 MiB",
)
_NO_FIELD = Text(
    "--set は NAME=VALUE の形で書いてください（例：kind=view）", "--set takes NAME=VALUE, such as kind=view"
)
_NO_TABLE = Text("{path} の上の項目は表ではありません", "{path}: what it would stand in is no table")
