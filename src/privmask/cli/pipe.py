"""`privmask pipe`: footage in at one end, masked footage out at the other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from privmask.cli import coding, options
from privmask.cli.grouping import grouped
from privmask.cli.groups import Coded, Streamed
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.words import say
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.recorders.pipe import Passed

Format = Literal["mpegts", "nut", "matroska", "y4m"]
ComesIn = Annotated[
    Format,
    typer.Option(
        "-f",
        "--format",
        help=both("入力の形式。ほかの形式は開きません。", "What comes in; nothing else is opened."),
    ),
]
Input = Annotated[
    str,
    typer.Option(
        "-i", "--input", metavar="-", help=both("入力。標準入力（-）だけです。", "The input: - is standard input.")
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        metavar="-",
        help=both("出力。標準出力（-）だけです。", "The output: - is standard output."),
    ),
]
GoesOut = Annotated[
    Format | None,
    typer.Option(
        "--to",
        help=both(
            "出力の形式。指定がなければ入力と同じ。y4m には時刻がありません。",
            "What goes out, if not the same as comes in. y4m has no time stamps.",
        ),
    ),
]


@grouped
@in_japanese(
    "標準入力の映像から、私的空間などを隠した映像を標準出力に流します。"
    "\n\n原本のファイルがないため、来歴も署名も自己検査もありません。証拠として渡す複写は privmask mask で作ってください。"
    "少しでも疑わしいとき（壊れたコマ、途中で切れた入力、検出器の失敗、合わせ直せない画面の大きさの変化）は、そこで止まり、"
    "終了コードで知らせます。隠していないものは1バイトも通しません。"
    "\n\n--faces と --plates は約1秒先まで調べてから隠すため、その分遅れます。"
)
def pipe(
    *,
    format: ComesIn,
    input: Input = "-",
    output: Output = "-",
    to: GoesOut = None,
    streamed: Streamed,
    audio: coding.Audio = "drop",
    coded: Coded,
    stream: options.Stream = None,
    recorded_at: options.RecordedAt = None,
) -> int:
    """Hide private zones in the stream on standard input, and write what remains to standard output.

    There is no original file, and so no statement, no signature and no self-check: a copy that is to be evidence is made with
    privmask mask. At the first doubt (a damaged frame, input that was cut, a detector that fails, a size that changes and
    cannot be fitted anew) it stops with an exit code, and no byte passes that was not masked.

    --faces and --plates look about a second ahead, and the stream is late by that much.
    """
    _require_ends(input, output)
    hiding = streamed.hiding(options.moment(recorded_at))
    from privmask.recorders.pipe import mask_pipe

    container: Literal["mp4", "matroska"] = "mp4" if (to or format) == "mpegts" else "matroska"
    writing = coded.writing(audio, container=container)
    passed = mask_pipe(_INPUT, _OUTPUT, format, to or format, hiding, writing, stream)
    say(said(_told(passed)))
    return 0


def _require_ends(input: str, output: str) -> None:
    if (input, output) != ("-", "-"):
        raise PlanError(_ONLY_PIPES)
    if not _is_open(_INPUT) or os.isatty(_INPUT):
        raise PlanError(_NO_INPUT)
    if not _is_open(_OUTPUT) or os.isatty(_OUTPUT):
        raise PlanError(_NO_OUTPUT)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _told(passed: Passed) -> Text:
    return (_LEFT if passed.reader_left else _DONE).with_(frames=passed.frames)


_INPUT, _OUTPUT = 0, 1
_ONLY_PIPES = Text(
    "pipe は標準入力から標準出力へ流すだけです（-i - -o -）。ファイルには privmask mask を使ってください",
    "pipe goes from standard input to standard output alone (-i - -o -); for files use privmask mask",
)
_NO_INPUT = Text(
    "標準入力に映像がありません。例：ffmpeg … -f nut - | privmask pipe -f nut …",
    "there is no stream on standard input; an example: ffmpeg … -f nut - | privmask pipe -f nut …",
)
_NO_OUTPUT = Text(
    "標準出力は端末です。ファイル又は次のプログラムにつないでください",
    "standard output is a terminal, or closed; lead it to a file or to the next program",
)
_DONE = Text("{frames} コマを隠して流しました", "{frames} frames were masked")
_LEFT = Text(
    "{frames} コマを流したところで、受け手が閉じました",
    "{frames} frames were masked, then whoever read them closed the pipe",
)
