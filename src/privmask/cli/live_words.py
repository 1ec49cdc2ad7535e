"""The words of `privmask live`, beside those that other commands have as well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli.helping import both

Url = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        help=both(
            "カメラのアドレス。- なら標準入力の1行目。",
            "The camera's address; - reads it from the first line of standard input.",
        ),
    ),
]
OutputWord = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        metavar="OUTPUT",
        help=both(
            "rtsp:// の送り先、.m3u8、又は %Y などを含む .mp4 の名前。",
            "Where to: an rtsp:// server, a new .m3u8, or a name of .mp4 files with %Y and so on in it.",
        ),
    ),
]
SegmentSeconds = Annotated[
    float | None,
    typer.Option(
        "--segment",
        metavar="SECONDS",
        help=both(
            "1つのファイルの長さ。指定がなければ60、.m3u8 では4。",
            "Seconds in each file; 60 if not given, 4 for .m3u8.",
        ),
    ),
]
Credentials = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help=both(
            "カメラの user:password を書いたファイル（所有者だけが読めること）。",
            "File with the camera's user:password, that only its owner can read.",
        ),
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help=both("カメラが黙っていてよい秒数。", "How long the camera may be silent before it counts as lost."),
    ),
]
Latest = Annotated[
    float,
    typer.Option(
        "--latest",
        metavar="SECONDS",
        help=both("これより遅れたコマは捨てます。", "Frames that are later than this are dropped."),
    ),
]
Tries = Annotated[
    int | None,
    typer.Option(
        "--tries",
        metavar="N",
        help=both(
            "続けて何回つなぎ直すか。指定がなければ、いつまでも。",
            "How often in a row to try again to connect; for ever if not given.",
        ),
    ),
]
StopAfter = Annotated[
    float | None,
    typer.Option("--stop-after", metavar="SECONDS", help=both("この秒数で終わります。", "End after so many seconds.")),
]
StatusFile = Annotated[
    Path | None,
    typer.Option(
        "--status",
        metavar="FILE",
        help=both(
            "状態（遅れ、捨てたコマ数など）を書き続ける JSON ファイル。",
            "JSON file that is kept up to date: latency, frames dropped and so on.",
        ),
    ),
]
