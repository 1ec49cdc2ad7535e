"""`privmask retire`: the end of a camera or of the whole site (廃止)."""

from __future__ import annotations

from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.asking import ask, is_terminal
from privmask.cli.erase import as_data, told
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of, recorded
from privmask.cli.words import answer
from privmask.errors import PlanError
from privmask.language import Text


@in_japanese("カメラ又は設置場所全体を廃止し、複写を全て消去し、処分する記録媒体を示します。元には戻せません。")
def retire(
    person: As,
    camera: Annotated[
        str | None, typer.Argument(metavar="CAMERA", help=both("廃止するカメラの id。", "The camera that ends."))
    ] = None,
    whole_site: Annotated[
        bool,
        options.flag(
            "--whole-site",
            both("全てのカメラを廃止し、保管庫の鍵も破棄します。", "All cameras end, and the vault's key goes too."),
        ),
    ] = False,
    media: Annotated[
        list[str] | None,
        typer.Option(
            "--medium",
            metavar="ID",
            help=both(
                "処分する記録媒体（例：hdd-1）。何度でも指定できます。",
                "A disk or card to be destroyed, such as hdd-1; several times.",
            ),
        ),
    ] = None,
    yes: Annotated[bool, options.flag("--yes", both("確認しません。", "Ask nothing."))] = False,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Erase all copies of a camera, or of the site with its key, and list the media to destroy. There is no way back."""
    from privmask.keeping import retire as end

    if whole_site == (camera is not None):
        raise PlanError(_WHICH)
    if not yes:
        _confirm(camera)
    with office_of(site, "retire") as office:
        done = end(office, camera, media or (), person)
        disposal = office.site.storage.disposal
    lines = [said(_CAMERA.with_(camera=camera)) if camera else said(_SITE), *told(done.erased)]
    lines += [said(_MEDIA.with_(how=disposal)), *(f"  {each}" for each in done.media)] if done.media else []
    data = {
        "camera": camera,
        "erased": [as_data(each) for each in done.erased],
        "media": list(done.media),
        "receipt": done.receipt.as_data(),
    }
    answer({**data, "exit_code": 0}, "\n".join([*lines, recorded(done.receipt)]), as_json=as_json)
    return 0


def _confirm(camera: str | None) -> None:
    if not is_terminal():
        raise PlanError(_NO_TERMINAL)
    wanted = camera or "site"
    if ask(_SURE.with_(word=wanted)).strip() != wanted:
        raise PlanError(_NOT_SURE)


_WHICH = Text(
    "カメラの記号か --whole-site のどちらか一方を指定してください",
    "say which camera ends, or --whole-site for all of them",
)
_SURE = Text(
    "複写はすべて消去され、元に戻せません。続けるには「{word}」と入力してください",
    "All copies will be erased, and there is no way back. To go on, type {word!r}",
)
_NO_TERMINAL = Text("端末がないので確認できません。--yes を付けてください", "there is no terminal to ask on; say --yes")
_NOT_SURE = Text("中止しました。何も消去していません", "nothing was done")
_CAMERA = Text(
    "カメラ「{camera}」を廃止しました。規程に廃止日（retired_on）を書き、採択してください。",
    "The camera {camera!r} is retired. Write its day (retired_on) into the rules, and have them adopted.",
)
_SITE = Text(
    "すべてのカメラを廃止し、保管庫の鍵を破棄しました。台帳は保存年数の間、残してください。",
    "All cameras are retired, and the vault's key is destroyed. Keep the register for its years.",
)
_MEDIA = Text(
    "次の記録媒体を処分し（{how}）、privmask record disposal で記載してください：",
    "Destroy these media ({how}), and record it with privmask record disposal:",
)
