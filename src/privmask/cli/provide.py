"""`privmask provide`: hand a copy over to whoever asked for it, encrypted, with a record on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, As, Site, office_of, recorded
from privmask.cli.passphrases import recipients_passphrase
from privmask.cli.words import answer, say, shown_name
from privmask.errors import CopyError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.provision import Provided
    from privmask.register.sealing import Recipient

SLIP = ".record.html"
"""End of the name of the 提供記録票, beside the encrypted file, unless --slip names another."""


CopyId = Annotated[
    str,
    typer.Argument(
        metavar="COPY_ID",
        help=both("複写の番号（privmask mask が示したもの）。", "The copy, as privmask mask named it."),
    ),
]
To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="NAME",
        help=both("受け取る人（提供依頼の要請者）。", "Who receives it: who asked in the request."),
    ),
]
Medium = Annotated[
    str,
    typer.Option(
        "--medium",
        metavar="TEXT",
        help=both("渡す媒体（規程に書いたとおりに）。", "On what, as the site's rules name it."),
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE.age",
        help=both("暗号化したファイルの名前（新しいもの）。", "The encrypted file: a new one."),
    ),
]
Recipient_ = Annotated[
    list[str] | None,
    typer.Option(
        "--recipient",
        metavar="KEY",
        help=both(
            "提供先の公開鍵（age1… 又は ssh-ed25519 AAAA…）。",
            "The recipient's public key: age1… or ssh-ed25519 AAAA….",
        ),
    ),
]
Passphrase_ = Annotated[
    bool,
    options.flag(
        "--passphrase",
        both(
            "提供先に鍵がないとき。パスフレーズを尋ねます。ファイルとは別の方法で伝えてください。",
            "The recipient has no key: ask for a passphrase, which goes another way.",
        ),
    ),
]
Slip = Annotated[
    Path | None,
    typer.Option(
        "--slip",
        metavar="HTML",
        help=both(
            f"提供記録票の名前。指定がなければ FILE.age{SLIP}。", f"The 提供記録票; FILE.age{SLIP} if not given."
        ),
    ),
]


@in_japanese("複写と来歴を要請者のために暗号化し、提供を台帳に記録し、提供記録票を作ります。")
def provide(
    copy_id: CopyId,
    to: To,
    medium: Medium,
    person: As,
    output: Output,
    recipient: Recipient_ = None,
    passphrase: Passphrase_ = False,
    slip: Slip = None,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Encrypt a copy and its proof to whoever asked for it, record the hand-over, and write the 提供記録票."""
    from privmask.evidence import keep_aside
    from privmask.provision import HandOver, provide_copy
    from privmask.provision_slip import slip_page

    if not recipient and not passphrase:
        raise PlanError(_TO_WHICH_KEY)
    paper = slip or output.with_name(output.name + SLIP)
    with office_of(site, "provide") as office, keep_aside(paper) as aside:
        over = HandOver(to, medium, _recipients(recipient or [], passphrase))
        done = provide_copy(office, person, copy_id, over, output)
        try:
            aside.publish(slip_page(office, done))
        except CopyError:
            say(said(_NO_SLIP.with_(file=shown_name(output), seq=done.receipt.seq)))
            raise
    answer(_as_data(done, paper), _summary(done, paper), as_json=as_json)
    return 0


def _recipients(keys: list[str], passphrase: bool) -> list[Recipient]:
    from privmask.register.sealing import Passphrase

    return [*keys, *([Passphrase(recipients_passphrase())] if passphrase else [])]


def _as_data(done: Provided, paper: Path) -> dict[str, object]:
    return {
        "copy_id": done.copy_id,
        "request_id": done.request_id,
        "file": done.sealed.path,
        "sha256": done.sealed.sha256,
        "bytes": done.sealed.bytes,
        "key": done.sealed.key,
        "slip": str(paper),
        "receipt": done.receipt.as_data(),
        "exit_code": 0,
    }


def _summary(done: Provided, paper: Path) -> str:
    lines = [said(_DONE.with_(file=shown_name(done.sealed.path), sha256=done.sealed.sha256))]
    if done.sealed.key:
        lines.append(said(_KEY.with_(key=shown_name(done.sealed.key))))
    lines += [said(_SLIP.with_(slip=shown_name(paper))), recorded(done.receipt), done.receipt.as_text()]
    return "\n".join(lines).rstrip()


_TO_WHICH_KEY = Text(
    "提供先の公開鍵（--recipient age1…）か、パスフレーズ（--passphrase）が要ります",
    "say to which key it is encrypted: --recipient age1…, or --passphrase",
)
_DONE = Text(
    "{file} に暗号化しました。提供先に渡してください（SHA-256 {sha256}）",
    "{file} is encrypted to the recipient; hand it over (SHA-256 {sha256})",
)
_KEY = Text(
    "{key} も渡してください（パスフレーズで開きます）。パスフレーズは、電話など別の方法で伝えてください",
    "{key} goes along; it opens with the passphrase, which goes another way, such as by telephone",
)
_NO_SLIP = Text(
    "{file} は暗号化済みで、提供は記載 {seq} に記録されています。提供記録票だけが書けませんでした。直してから作ってください："
    "privmask register slip {seq} -o FILE.html --as PERSON_ID",
    "{file} is encrypted, and its hand-over is entry {seq}; only the 提供記録票 could not be written. When that is mended:"
    " privmask register slip {seq} -o FILE.html --as PERSON_ID",
)
_SLIP = Text(
    "提供記録票：{slip}（印刷して受領の署名をもらい、保管してください。氏名が入っています）",
    "the 提供記録票: {slip}; print it, have it signed, and file it. It holds names",
)
