"""`privmask erase`: copies are erased, and it is recorded how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of
from privmask.cli.words import answer
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.keeping import Erased


@in_japanese("複写の鍵を破棄してファイルを消し、したことと保証できないことを記録します。元には戻せません。")
def erase(
    person: As,
    copy_id: Annotated[
        str | None,
        typer.Argument(
            metavar="COPYID", help=both("消去する複写の番号（期限前でも）。", "The copy to erase, due or not.")
        ),
    ] = None,
    due: Annotated[
        bool,
        options.flag(
            "--due",
            both(
                "期限が来て消去停止でないものを全て（台帳の氏名等も）。",
                "Everything that is due and not on hold, names in the register among it.",
            ),
        ),
    ] = False,
    missing: Annotated[
        bool,
        options.flag(
            "--missing",
            both(
                "保管庫からなくなっている複写を、消失として記録します（管理責任者のみ）。",
                "Record as gone a copy that is not in the vault any more; the manager's.",
            ),
        ),
    ] = False,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Destroy the key of a copy, remove it, and record what was done and what that cannot promise. There is no way back."""
    from privmask.keeping import erase_all_due, erase_copy

    if due == (copy_id is not None) or (missing and due):
        raise PlanError(_WHICH)
    with office_of(site, "erase") as office:
        if copy_id is not None:
            erased = [erase_copy(office, copy_id, person, missing=missing)]
            spared, personal = [], 0
        else:
            swept = erase_all_due(office, person)
            erased, spared, personal = list(swept.erased), [each.copy_id for each in swept.spared], swept.personal
    lines = [*told(erased), *(said(_SPARED.with_(id=id)) for id in spared)]
    lines += [said(_PERSONAL.with_(count=personal))] if personal else []
    data = {"erased": [as_data(each) for each in erased], "on_hold": spared, "personal": personal, "exit_code": 0}
    answer(data, "\n".join(lines) or said(_NOTHING), as_json=as_json)
    return 0


def told(erased: Sequence[Erased]) -> list[str]:
    """What was erased, and once for all of it what that cannot promise."""
    lines = [said((_ERASED if each.new else _WAS_ERASED).with_(id=each.copy_id)) for each in erased if each.erasure]
    lines += [said(_GIVEN_UP.with_(id=each.copy_id)) for each in erased if not each.erasure]
    limits = dict.fromkeys(text for each in erased if each.erasure for text in each.erasure.cannot_promise)
    return [*lines, *([said(_LIMITS)] if limits else []), *(f"  {said(text)}" for text in limits)]


def as_data(erased: Erased) -> dict[str, object]:
    """Plain data for JSON."""
    steps = [step.value for step in erased.erasure.steps] if erased.erasure else []
    limits = [text.en for text in erased.erasure.cannot_promise] if erased.erasure else []
    return {"copy_id": erased.copy_id, "steps": steps, "cannot_promise": limits, "recorded_now": erased.new}


_WHICH = Text(
    "複写の番号（COPYID）か --due のどちらか一方を指定してください（--missing は番号と一緒にだけ使えます）",
    "say which copy, by its COPYID, or --due for all that is due (--missing goes with a COPYID only)",
)
_ERASED = Text(
    "複写 {id} を消去しました。鍵を破棄したので、このシステムに残っているものではもう開けません。",
    "The copy {id} is erased: its key was destroyed, and nothing left in this system opens it.",
)
_WAS_ERASED = Text("複写 {id} は消去済みです。", "The copy {id} had been erased before.")
_GIVEN_UP = Text(
    "複写 {id} は保管庫にないものとして消去を記載しました。",
    "The copy {id} is recorded as gone; there was nothing to erase.",
)
_SPARED = Text("複写 {id} は消去停止中のため残しました。", "The copy {id} is on hold, and stays.")
_PERSONAL = Text(
    "台帳の記載 {count} 件の個人情報を消去しました。紙や、台帳の外に出したファイル（提供記録票、記録簿、依頼書など）の氏名は"
    "消えません。別に廃棄してください。",
    "The personal values of {count} entries of the register are erased. Names on paper and in files outside the register"
    " (records of provision, printed books, requests) are not: destroy those yourself.",
)
_LIMITS = Text("消去で保証できないこと：", "What this cannot promise:")
_NOTHING = Text("消去するものはありません。", "There is nothing to erase.")
