"""`privmask view`: look at pictures for a request or a purpose of the rules, with a record of it."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.asking import ask, is_terminal
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of, recorded
from privmask.cli.words import answer, say, shown_name
from privmask.errors import CopyError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.register import Receipt
    from privmask.viewing import Reason


Copy = Annotated[
    str | None,
    typer.Argument(
        metavar="[COPY_ID|CLIP]",
        help=both(
            "保管庫の複写の番号、又は録画のファイル。なければ、録画装置の画面での閲覧。",
            "A copy in the vault, or a recording; none: on the recorder's screen.",
        ),
    ),
]
Request = Annotated[
    str | None,
    typer.Option("--request", metavar="ID", help=both("承認された提供依頼の番号。", "The approved request.")),
]
Purpose = Annotated[
    str | None,
    typer.Option("--purpose", metavar="ID", help=both("又は規程の設置目的の id。", "Or a purpose of the rules.")),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="NAME",
        help=both(
            "閲覧する人（要請者）。指定がなければ --as の人。",
            "Who sees it: who asked. Not given: the site's own person.",
        ),
    ),
]
Camera = Annotated[
    str | None,
    typer.Option("--camera", metavar="ID", help=both("録画の場合：どのカメラか。", "Of a recording: which camera.")),
]
Start = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help=both(
            "録画の場合：いつから（例：2026-04-01T18:00+09:00）。",
            "Of a recording: from when, such as 2026-04-01T18:00+09:00.",
        ),
    ),
]
End = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help=both("録画の場合：いつまで。", "Of a recording: until when.")),
]
Player = Annotated[
    str | None,
    typer.Option(
        "--player",
        metavar="PROGRAM",
        help=both("複写の場合：再生するプログラム。", "Of a copy: the program that shows it."),
    ),
]


@in_japanese("閲覧を台帳に記録します。保管庫の複写は、見ている間だけ取り出します。")
def view(
    person: As,
    copy: Copy = None,
    request: Request = None,
    purpose: Purpose = None,
    to: To = None,
    camera: Camera = None,
    start: Start = None,
    end: End = None,
    player: Player = None,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Record a view (閲覧). A copy is taken out of the vault for as long as it is looked at, and no longer."""
    from privmask.register.vault_layout import is_id
    from privmask.viewing import Reason

    if request is not None and purpose is not None:
        raise PlanError(_FOR_WHAT)
    reason = Reason(request, purpose, to)
    if copy is not None and is_id(copy):
        receipt = _look_at_copy(site, person, copy, reason, player)
    else:
        receipt = _look_at_recording(site, person, camera, _span(start, end), reason, copy)
    answer({"receipt": receipt.as_data(), "exit_code": 0}, recorded(receipt), as_json=as_json)
    return 0


def _look_at_copy(site: Path, person: str, copy_id: str, reason: Reason, player: str | None) -> Receipt:
    from privmask.viewing import view_copy

    if player is None and not is_terminal():
        raise PlanError(_NO_PLAYER)
    with office_of(site, "view") as office, view_copy(office, person, copy_id, reason) as (folder, receipt):
        film = min(folder.iterdir(), key=lambda each: len(each.name))  # its companions add to its name
        say(said(_LIES_OPEN.with_(file=shown_name(film))))
        if player is None:
            ask(_PRESS_ENTER)
        else:
            _play(player, film)
    return receipt


def _play(player: str, film: Path) -> None:
    try:
        subprocess.run([player, str(film)], check=False)
    except OSError as cause:
        raise CopyError(_CANNOT_PLAY.with_(player=shown_name(player), why=cause.strerror)) from cause


def _look_at_recording(
    site: Path, person: str, camera: str | None, span: tuple[datetime, datetime], reason: Reason, clip: str | None
) -> Receipt:
    from privmask.viewing import view_recording

    if camera is None:
        raise PlanError(_WHICH)
    with office_of(site, "view") as office:
        return view_recording(office, person, camera, span, reason, clip)


def _span(start: str | None, end: str | None) -> tuple[datetime, datetime]:
    first, last = options.moment(start, "--from"), options.moment(end, "--until")
    if first is None or last is None:
        raise PlanError(_WHICH)
    return first, last


_FOR_WHAT = Text(
    "--request（提供依頼）か --purpose（設置目的）のどちらか一方を指定してください",
    "say for what, once: either --request or --purpose",
)
_WHICH = Text(
    "録画の閲覧には、--camera と --from と --until が要ります（複写なら、その記号）",
    "to view a recording, say --camera, --from and --until; to view a copy, its id",
)
_NO_PLAYER = Text(
    "端末がないので、画像を見せるプログラムを指定してください（--player）",
    "there is no terminal to wait at; name the program that shows the copy: --player",
)
_LIES_OPEN = Text("{file} を見てください。閲覧が終わると消えます", "look at {file}; it is gone when the viewing ends")
_PRESS_ENTER = Text("終わったら Enter を押してください", "press Enter when you have seen it")
_CANNOT_PLAY = Text("{player} を起動できません（{why}）", "{player} cannot be started: {why}")
