"""The words that several commands share, each declared once."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from privmask.cli.helping import both
from privmask.errors import PlanError
from privmask.language import Text


def flag(word: str, help: str, **more: Any) -> Any:
    """An option without a value; left alone, the help would show it as if it took one."""
    return typer.Option(word, metavar="", help=help, **more)


def jobs(help: str) -> Any:
    """--jobs, whatever it is that is done at the same time."""
    return typer.Option("--jobs", metavar="N", min=1, max=1024, help=help)


ZoneType = Literal["color", "pixelated", "blurred"]

Clip = Annotated[
    Path,
    typer.Argument(
        metavar="CLIP",
        help=both(
            "原本（映像又は静止画）。読むだけで、変更しません。",
            "The original: a clip or a still picture. It is only read.",
        ),
    ),
]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan", metavar="PLAN", help=both("隠す領域を書いた計画（TOML）。", "Plan file with the zones (TOML).")
    ),
]
NeededPlan = Annotated[
    Path,
    typer.Option(
        "--plan", metavar="PLAN", help=both("隠す領域を書いた計画（TOML）。", "Plan file with the zones (TOML).")
    ),
]
Camera = Annotated[
    str | None,
    typer.Option(
        "--camera",
        metavar="NAME",
        help=both("計画の中から、このカメラの領域を使います。", "Take this camera's zones out of the plan."),
    ),
]
Stream = Annotated[
    int | None,
    typer.Option(
        "--stream",
        metavar="N",
        help=both("映像が複数あるとき、何番目か。", "Which video stream, if there are several."),
    ),
]
Json = Annotated[
    bool,
    flag(
        "--json",
        both(
            "結果を1つの JSON で標準出力に出します（エラーも）。", "One JSON object on standard output, for errors too."
        ),
    ),
]
Zones = Annotated[
    list[str] | None,
    typer.Option(
        "--zone",
        metavar="CORNERS",
        help=both(
            '隠す領域。"x,y x,y x,y" の形で、表示される画面の画素、又は（1以下の数だけなら）画面に対する割合で'
            "書きます。何度でも、計画と一緒にも使えます。",
            'A zone: "x,y x,y x,y" in pixels of the displayed picture, or in fractions of it if no number is above 1. '
            "May be given several times, and beside a plan.",
        ),
    ),
]
Type = Annotated[
    ZoneType | None,
    typer.Option(
        "--type",
        case_sensitive=False,
        help=both(
            "この行で加えるものの隠し方。color（塗りつぶし）、pixelated（モザイク）、blurred（ぼかし）。"
            "指定がなければ塗りつぶし。",
            "How what this line adds is hidden; color if not given.",
        ),
    ),
]
Color = Annotated[
    str | None,
    typer.Option(
        "--color",
        metavar="#RRGGBB",
        help=both(
            "この行で加えるものの色。指定がなければ #000000。", "Colour of what this line adds; #000000 if not given."
        ),
    ),
]
Faces = Annotated[
    bool,
    flag(
        "--faces",
        both(
            "全てのコマで顔を探し、見つけた顔を隠します。",
            "Look for faces on every frame, and hide those that are found.",
        ),
    ),
]
Plates = Annotated[
    bool,
    flag(
        "--plates",
        both(
            "全てのコマでナンバープレートを探し、見つけたものを隠します。",
            "Look for number plates on every frame, and hide those that are found.",
        ),
    ),
]
MinFace = Annotated[
    int | None,
    typer.Option(
        "--min-face",
        metavar="PX",
        help=both(
            "探す顔の最小の高さ（画素）。指定がなければ16。",
            "Height in pixels of the smallest face to look for; 16 if not given.",
        ),
    ),
]
TwoPass = Annotated[
    bool,
    flag(
        "--two-pass",
        both("先に映像全体を調べてから、隠し始めます。", "Search the whole clip before the first frame is masked."),
    ),
]
Tracks = Annotated[
    Path | None,
    typer.Option(
        "--tracks",
        metavar="FILE",
        help=both(
            "軌跡のファイル（privmask detect の結果又は手書き）にあるものを隠します。",
            "Hide what this file of tracks says, of privmask detect or by hand.",
        ),
    ),
]
Damaged = Annotated[
    Literal["fail", "hide"],
    typer.Option(
        help=both(
            "壊れたコマがあるとき、複写を作らない（fail）か、そのコマを全部隠す（hide）か。",
            "A damaged frame: no copy, or hidden whole.",
        )
    ),
]
At = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="SECONDS",
        help=both("どのコマか（最初からの秒数）。", "Which frame, counted from the first one."),
    ),
]
RecordedAt = Annotated[
    str | None,
    typer.Option(
        "--recorded-at",
        metavar="TIME",
        help=both(
            "録画の開始日時（例：2026-04-01T18:00+09:00）。日付や時間帯の決まった領域に使います。",
            "When the recording began, such as 2026-04-01T18:00+09:00: for valid and hours.",
        ),
    ),
]


def moment(text: str | None, word: str = "--recorded-at") -> datetime | None:
    """The TIME after that word. Raises PlanError for what is no time, or a time of no known place."""
    if text is None:
        return None
    try:
        wall = datetime.fromisoformat(text)
    except ValueError as error:
        raise PlanError(_NO_TIME.with_(word=word, text=repr(text))) from error
    if wall.tzinfo is None:
        raise PlanError(_NO_ZONE.with_(word=word, text=text))
    return wall


def seconds(text: str) -> Fraction:
    """The SECONDS after --at, from 0 on. Raises PlanError for what is none."""
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise PlanError(
            Text(
                f"--at：{text!r} は秒数ではありません（例：1.5）",
                f"--at: {text!r} is no number of seconds, such as 1.5",
            )
        ) from error
    if found < 0:
        raise PlanError(
            Text(
                f"--at：{text} 秒は最初のコマ（0秒）より前です",
                f"--at: {text} s lies before the first frame, which is second 0",
            )
        )
    return found


_NO_TIME = Text(
    "{word}：{text} は日時ではありません。2026-04-01T18:00+09:00 のように書いてください",
    "{word}: {text} is no time; write one such as 2026-04-01T18:00+09:00",
)
_NO_ZONE = Text(
    "{word}：'{text}' には時間帯がありません。{text}+09:00 のように書いてください",
    "{word}: '{text}' has no time zone; write it with one, such as {text}+09:00",
)
