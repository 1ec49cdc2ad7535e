"""`privmask report`: the public summary (I-1), without persons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.hold import day
from privmask.cli.language import language, said
from privmask.cli.offices import SITE, Site, office_of
from privmask.cli.words import answer, shown_name
from privmask.errors import PlanError
from privmask.language import Text


@in_japanese("設置目的と、閲覧・提供・拒否・消去の件数を示します。個人の名前は出ません。")
def report(
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            help=both(
                "最初の日。指定がなければ、その年の1月1日。", "The first day; the first of that year if not given."
            ),
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DATE", help=both("最後の日。指定がなければ今日。", "The last day; today if not given.")
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="HTML",
            help=both("画面の代わりに作る HTML（新しいファイル）。", "A page instead: a new file."),
        ),
    ] = None,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Say what the cameras are for and how often pictures were shown, provided, refused and erased. It names nobody."""
    from privmask.evidence import keep_aside
    from privmask.summing import summarise, summary_page, summary_text

    with office_of(site, "report") as office:
        last = day(until, "--to") if until else office.site.day(office.at)
        first = day(since, "--from") if since else last.replace(month=1, day=1)
        if first > last:
            raise PlanError(_ORDER)
        entries, head = list(office.register.entries()), office.register.head()
        summary = summarise(office.site, entries, head, first, last)
    text = summary_text(summary, language())
    if output is not None:
        with keep_aside(output) as aside:
            aside.publish(summary_page(summary, language()))
        text = said(_WRITTEN.with_(file=shown_name(output)))
    page = {"page": str(output)} if output else {}
    answer({**summary.as_data(), **page, "exit_code": 0}, text, as_json=as_json)
    return 0


_ORDER = Text("--from が --to より後です", "--from comes after --to")
_WRITTEN = Text(
    "{file} を作りました。氏名などは入っていません。掲示や公表に使えます。",
    "{file} is written. It names nobody, and may be put up or published.",
)
