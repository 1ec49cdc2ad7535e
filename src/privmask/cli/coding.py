"""The words for how a copy is written, checked and signed, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from privmask.cli.helping import both
from privmask.cli.options import flag

Audio = Annotated[
    Literal["drop", "keep"],
    typer.Option(help=both("音声を除く（drop）か、残す（keep）か。", "Whether the sound comes along.")),
]
Codec = Annotated[
    Literal["auto", "h264", "hevc", "av1", "ffv1"],
    typer.Option(help=both("複写の符号化方式。", "How the copy is coded.")),
]
Lossless = Annotated[
    bool,
    flag(
        "--lossless",
        both(
            "隠さない画素を1つも変えません。ファイルは大きくなります。",
            "Public samples come back exactly; a large file.",
        ),
    ),
]
Quality = Annotated[
    int | None,
    typer.Option(
        metavar="N", help=both("画質の番号。小さいほど高画質です。", "The encoder's quality number; smaller is better.")
    ),
]
Preset = Annotated[
    str | None,
    typer.Option(
        metavar="P",
        help=both("符号化の速さ（veryfast、slow など）。", "The encoder's preset, such as veryfast or slow."),
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help=both(
            "この秘密鍵で署名します。指定がなければ privmask keys new の鍵。",
            "Sign with this private key, not with that of privmask keys new.",
        ),
    ),
]
Agent = Annotated[
    Path | None,
    typer.Option(
        "--agent",
        metavar="PUBKEY",
        help=both(
            "この .pub ファイルの鍵（エージェント又はハードウェアの中）で署名します。",
            "Sign with the key of this .pub file, in an agent or in hardware.",
        ),
    ),
]
Unsigned = Annotated[
    bool,
    flag(
        "--unsigned",
        both(
            "署名しません。受け取った人は、誰が作ったかを確かめられません。",
            "Sign nothing: whoever gets the copy cannot tell who made it.",
        ),
    ),
]
NoSelfCheck = Annotated[
    bool,
    flag("--no-self-check", both("複写を読み直す自己検査をしません。", "Do not decode the copy again to check it.")),
]
NoPassThrough = Annotated[
    bool,
    flag(
        "--no-pass-through",
        both(
            "隠すもののない区間も、原本の符号のまま写さずに、全て符号化し直します。",
            "Encode everything anew, also stretches with nothing to hide, which otherwise travel as they are.",
        ),
    ),
]
