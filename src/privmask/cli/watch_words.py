"""The words that only `privmask watch` and its hooks have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help=both(
            "録画装置が書くフォルダー（中のフォルダーも）。読むだけです。",
            "The folder that a recorder writes into, with the folders in it. It is only read.",
        ),
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        "-o",
        "--out",
        "--output",
        metavar="DIR",
        help=both(
            "複写を置くフォルダー。記録（.privmask-watch）と、作れなかったものの知らせ（quarantine）も入ります。",
            "The folder for the copies; records (.privmask-watch) and notices (quarantine) are kept there too.",
        ),
    ),
]
RecorderName = Annotated[
    str,
    typer.Option(
        "--recorder",
        metavar="NAME",
        help=both(
            "終わったファイルを誰が知らせるか。auto、inotify、poll、hook（privmask hook だけ）、又は入っている"
            "パッケージの名前。auto は、ネットワーク上か、inotify-simple がなければ poll、それ以外は inotify です。",
            "Who tells which files are finished: auto, inotify, poll, hook (privmask hook alone), or the name of an "
            "installed package. auto polls on network file systems, and where inotify-simple is not installed.",
        ),
    ),
]
Poll = Annotated[
    bool,
    options.flag("--poll", both("--recorder poll と同じです。", "The same as --recorder poll.")),
]
Still = Annotated[
    float | None,
    typer.Option(
        "--still",
        metavar="SECONDS",
        min=0,
        max=86400,
        help=both(
            "大きさと更新日時がこの秒数変わらなければ、書き終わったとみなします（閉じたことが分からない場合）。"
            "指定がなければ5、ネットワーク上では70。",
            "How long a file has to stand still where nobody tells that it was closed; if not given 5, and 70 on "
            "network file systems.",
        ),
    ),
]
PatternWord = Annotated[
    str | None,
    typer.Option(
        "--pattern",
        metavar="PATTERN",
        help=both(
            "ファイル名からカメラと時刻を読む型。motion、ffmpeg、frigate、mediamtx、zoneminder、又は "
            "{camera}/%Y%m%d-%H%M%S のような型。型で分かったカメラの領域を使います。",
            "How names tell camera and time: motion, ffmpeg, frigate, mediamtx, zoneminder, or such as "
            "{camera}/%Y%m%d-%H%M%S. The camera then chooses its zones in the plan.",
        ),
    ),
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        "--time-zone",
        metavar="ZONE",
        help=both(
            "ファイル名の時刻の時間帯（Asia/Tokyo、UTC など）。指定すると、日付や時間帯の決まった領域に使います。"
            "指定がなければ、そのような領域は常に隠します。",
            "The zone of times in names, such as Asia/Tokyo or UTC: for valid and hours of masks. Without it such masks "
            "always hold.",
        ),
    ),
]
Queue = Annotated[
    Path | None,
    typer.Option(
        "--queue",
        metavar="DIR",
        help=both(
            "privmask hook の知らせを置くフォルダー。指定がなければ PRIVMASK_QUEUE、又は ~/.local/state/privmask/queue。",
            "Where privmask hook leaves its notes; if not given PRIVMASK_QUEUE, else ~/.local/state/privmask/queue.",
        ),
    ),
]
Jobs = Annotated[
    int | None,
    options.jobs(
        both(
            "同時に進めるカメラの数。1台のカメラの映像は1つずつ順に作ります。",
            "How many cameras at once; segments of one camera come one after the other.",
        )
    ),
]
MaxLag = Annotated[
    float,
    typer.Option(
        "--max-lag",
        metavar="SECONDS",
        min=1,
        help=both(
            "これより遅れたら知らせます（状態と数値にも出ます）。遅れても飛ばしません。",
            "Tell when the oldest waits longer, in words, status and metrics. Nothing is ever skipped.",
        ),
    ),
]
MetricsAt = Annotated[
    str | None,
    typer.Option(
        "--metrics",
        metavar="[HOST]:PORT|FILE",
        help=both(
            "Prometheus の数値。:9464 ならこのコンピューターからだけ読めます。.prom で終わるファイル名でも。",
            "Numbers for Prometheus: :9464 answers on this machine only; or a file that ends in .prom.",
        ),
    ),
]
StatusFile = Annotated[
    Path | None,
    typer.Option(
        "--status-file",
        metavar="FILE",
        help=both(
            "状態を書く JSON。いつでも OUT/.privmask-watch/status.json にも書きます。",
            "Where the status is written as JSON as well; it always stands in OUT/.privmask-watch/status.json.",
        ),
    ),
]
Once = Annotated[
    bool,
    options.flag(
        "--once",
        both(
            "今あるものを全て作って終わります。作れないものがあれば、終了コードは6です。",
            "Mask what is there now and end; with 6 where something had to be put aside.",
        ),
    ),
]
Again = Annotated[
    bool,
    options.flag(
        "--again",
        both(
            "別の計画で作った複写があるものも、今の計画で作ります。",
            "Also mask anew what has a copy that was made with another plan.",
        ),
    ),
]
ShowStatus = Annotated[
    bool,
    options.flag(
        "--status",
        both("OUT の監視の状態を JSON で表示して終わります。", "Show the status of the watch of OUT as JSON, and end."),
    ),
]
Systemd = Annotated[
    bool,
    options.flag(
        "--systemd",
        both(
            "この命令を動かす systemd のユニットを表示して終わります。",
            "Print a systemd unit for this very command, and end.",
        ),
    ),
]
Segments = Annotated[
    list[Path],
    typer.Argument(metavar="PATH…", help=both("書き終わった映像。", "The segments that are finished.")),
]
SegmentFolder = Annotated[
    Path,
    typer.Argument(
        metavar="[DIR]",
        help=both("一覧にある名前のフォルダー。", "The folder that the names of the list are in."),
    ),
]
