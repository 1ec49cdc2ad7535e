"""`privmask register slip`: the 提供記録票 and the receipt of a hand-over once more, from the register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of
from privmask.cli.words import answer, shown_name
from privmask.language import Text

Which = Annotated[
    str,
    typer.Argument(
        metavar="ENTRY|COPY_ID",
        help=both(
            "提供の記載番号か複写の番号（その最後の提供）。",
            "The entry of the hand-over, or the copy: its last hand-over then.",
        ),
    ),
]
Page = Annotated[
    Path,
    typer.Option(
        "-o", "--output", metavar="HTML", help=both("作る HTML（新しいファイル）。", "The page to write: a new file.")
    ),
]


@in_japanese("提供記録票と記載証明を、台帳からもう一度作ります。提供はやり直しません。")
def slip(which: Which, person: As, output: Page, site: Site = SITE, as_json: options.Json = False) -> int:
    """Write the 提供記録票 and print the receipt of a hand-over once more. Nothing is handed over, and nothing recorded."""
    from privmask.evidence import keep_aside
    from privmask.provision_slip import provided_before, slip_page

    with office_of(site, "slip") as office, keep_aside(output) as aside:
        found = provided_before(office, person, which)
        aside.publish(slip_page(office, found, again=True))
    data = {"slip": str(output), "copy_id": found.copy_id, "request_id": found.request_id}
    text = f"{said(_WRITTEN.with_(slip=shown_name(output)))}\n{found.receipt.as_text().rstrip()}"
    answer({**data, "receipt": found.receipt.as_data(), "exit_code": 0}, text, as_json=as_json)
    return 0


_WRITTEN = Text(
    "提供記録票：{slip}（台帳から作り直したことが記されています。氏名が入っています）",
    "the 提供記録票: {slip}; it says that it was made again from the register. It holds names",
)
