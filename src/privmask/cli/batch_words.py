"""The words that only `privmask batch` has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both

Source = Annotated[
    Path,
    typer.Argument(
        metavar="SOURCE",
        help=both(
            "原本のフォルダー（中のフォルダーも）、一覧、又は CSV。",
            "A folder of originals, with the folders in it; or a list or CSV of them.",
        ),
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="DIR",
        help=both(
            "複写を置くフォルダー。CSV の copy の欄があればそちらが優先です。",
            "The folder for the copies that no column copy names.",
        ),
    ),
]
Jobs = Annotated[
    int | None,
    options.jobs(
        both(
            "同時に進める数。指定がなければ、このコンピューターのプロセッサと空きメモリに合わせます。",
            "How many at once; if not given, as many as this machine's processors and free memory take.",
        )
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help=both(
            "Dask のスケジューラ（tcp://… 又は tls://…）の作業者に任せます。",
            "Let the workers of this Dask scheduler (tcp://… or tls://…) do it.",
        ),
    ),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        min=1,
        help=both(
            "この秒数の間1コマも進まない映像は打ち切ります。",
            "Give up on a clip in which no frame is done for so long.",
        ),
    ),
]
Retries = Annotated[
    int,
    typer.Option(
        "--retries",
        metavar="N",
        min=0,
        max=100,
        help=both(
            "作業プロセスが死んだか止まったとき、やり直す回数。",
            "How often a clip is begun anew whose worker died or stood still.",
        ),
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        "--memory",
        metavar="MIB",
        min=256,
        help=both(
            "1つの作業プロセスに許すメモリ。指定がなければ空きメモリを等分します。",
            "What one worker may have; if not given, its part of the memory that is free.",
        ),
    ),
]
Report = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help=both(
            "終わりの報告。.html 又は .json。前回の報告は残します。2つ指定できます。",
            "A report at the end: an .html or .json; those of earlier batches stay. May be given twice.",
        ),
    ),
]
JsonLines = Annotated[
    bool,
    options.flag(
        "--json",
        both(
            "1行に1つの JSON を標準出力に出します。1件終わるごとに1行、最後に全体。",
            "One JSON object a line on standard output: each clip as it ends, and the whole at the end.",
        ),
    ),
]
