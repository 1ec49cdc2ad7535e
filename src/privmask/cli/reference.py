"""`privmask policy reference`: the picture by which a camera that was turned is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer, shown_name
from privmask.language import Text


@in_japanese(
    "カメラの向きのずれを見つけるための基準画像を、映像から作ります。私的空間は黒く塗ります。規程に書く1行を示します。"
)
def reference(
    clip: Annotated[
        Path,
        typer.Argument(
            metavar="CLIP",
            help=both(
                "正しい向きのカメラの映像。誰も写っていないものを選びます。",
                "What the camera saw while it stood right; choose one with nobody in it.",
            ),
        ),
    ],
    camera: Annotated[
        str, typer.Option("--camera", metavar="ID", help=both("規程のカメラの id。", "A camera of the site's rules."))
    ],
    taken_at: Annotated[
        str,
        typer.Option(
            "--taken-at",
            metavar="TIME",
            help=both(
                "撮影した日時（例：2026-04-01T10:00+09:00）。", "When it was taken, such as 2026-04-01T10:00+09:00."
            ),
        ),
    ],
    at: options.At = "0",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PNG",
            help=both(
                "作る画像（新しいファイル）。省くと reference/カメラの id.png。",
                "The picture to write, a new file; not given: reference/ID.png.",
            ),
        ),
    ] = None,
    site: Annotated[
        Path, typer.Option("--site", metavar="FILE", help=both("設置・運用規程のファイル。", "The site's rules."))
    ] = Path("site.toml"),
    as_json: options.Json = False,
) -> int:
    """Make the reference picture of a camera out of a clip, what is private in black, and say the line for the rules."""
    from privmask.referring import write_reference

    second, taken = options.seconds(at), options.moment(taken_at, "--taken-at")
    picture = output or site.parent / "reference" / f"{camera}.png"
    write_reference(site, camera, clip, picture, second)
    named = picture.relative_to(site.parent) if picture.is_relative_to(site.parent) else picture
    line = f'reference = {{ picture = "{named.as_posix()}", taken_at = {str(taken).replace(" ", "T")} }}'
    data = {"picture": str(picture), "line": line, "exit_code": 0}
    answer(data, said(_MADE.with_(picture=shown_name(picture), camera=camera, line=line)), as_json=as_json)
    return 0


_MADE = Text(
    "{picture} を作りました。見て確かめ、人が写っていれば作り直してください。規程の [[camera]]「{camera}」に次の行を書き、"
    "もう一度採択します（privmask policy adopt）：\n{line}",
    "{picture} is made: look at it, and make another if people are in it. Write this line under the camera {camera!r} of the"
    " rules and have them adopted again (privmask policy adopt):\n{line}",
)
