"""`privmask detect`: what is found in a clip, to be looked at and corrected before the clip is masked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from privmask.cli import options
from privmask.cli.gathering import AS_USUAL, Moving, gather_plan
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer, note, row, shown, shown_name
from privmask.errors import PlanError
from privmask.language import Text
from privmask.sighting import NAMES

if TYPE_CHECKING:
    from privmask.detecting import Found


Tracks = Annotated[
    Path,
    typer.Option(
        "-o",
        "--output",
        metavar="TRACKS",
        help=both("軌跡のファイル（新しい .jsonl）。", "The file of tracks: a new .jsonl."),
    ),
]
Faces = Annotated[bool, options.flag("--faces", both("顔を探します。", "Look for faces."))]
Plates = Annotated[bool, options.flag("--plates", both("ナンバープレートを探します。", "Look for number plates."))]
Texts = Annotated[bool, options.flag("--text", both("文字を探します。", "Look for writing."))]
Persons = Annotated[bool, options.flag("--persons", both("人の全身を探します。", "Look for whole people."))]
Sheet = Annotated[
    Path | None,
    typer.Option(
        "--sheet",
        metavar="PNG",
        help=both("軌跡を1つずつ並べた画像（新しいファイル）。", "A picture with a tile for each track: a new file."),
    ),
]
Clear = Annotated[
    bool,
    options.flag(
        "--clear",
        both(
            "並べた画像に、見つけたものをモザイクなしで表示します。",
            "Show on the sheet what was found, instead of a mosaic.",
        ),
    ),
]
Jobs = Annotated[
    int | None,
    options.jobs(
        both(
            "長い映像を、いくつのプロセスで分担して探すか。指定がなければ、このコンピューターのプロセッサと空きメモリに"
            "合わせます。いくつでも、同じものが見つかります。",
            "How many processes share the search of a long clip; if not given, as this machine's processors and free memory "
            "have it. The same is found.",
        )
    ),
]
Damaged = Annotated[
    Literal["fail", "hide"],
    typer.Option(
        help=both(
            "壊れたコマがあるとき、軌跡を作らない（fail）か、全部隠すコマとする（hide）か。",
            "A damaged frame: no tracks, or one to be hidden whole.",
        )
    ),
]


@in_japanese(
    "映像全体で顔などを探し、見つけた所を書き出します。直してから privmask mask --tracks で使います。"
    "\n\nこのファイルと画像は人のいた所を示すものです。手元に残し、複写と一緒に渡さないでください。"
)
def detect(
    clip: options.Clip,
    tracks: Tracks,
    plan: options.PlanFile = None,
    camera: options.Camera = None,
    faces: Faces = False,
    plates: Plates = False,
    text: Texts = False,
    persons: Persons = False,
    min_face: options.MinFace = None,
    sheet: Sheet = None,
    clear: Clear = False,
    stream: options.Stream = None,
    damaged: Damaged = "fail",
    jobs: Jobs = None,
    as_json: options.Json = False,
) -> int:
    """Search all of CLIP, and write where faces and other things were found: correct it, then `privmask mask --tracks`.

    The file and the sheet tell where people were: they are yours, and no part of a copy.
    """
    if clear and sheet is None:
        raise PlanError(
            Text(
                "--clear は並べた画像についての指定です。--sheet も指定してください",
                "--clear is about the contact sheet; name it with --sheet",
            )
        )
    moving = Moving(faces=faces, plates=plates, text=text, persons=persons, min_face=min_face)
    if plan is None and not any(moving.labels):
        raise PlanError(
            Text(
                "探すものがありません。--faces、--plates、--text、--persons のどれか、又は --plan で計画を指定してください",
                "nothing to look for: say --faces, --plates, --text or --persons, or name a plan with --plan",
            )
        )
    from privmask.cli.progress import progress_bar
    from privmask.detecting import detect_clip
    from privmask.parts import fitting_jobs
    from privmask.video import Reading

    reading = Reading(stream=stream, damaged=damaged)
    wanted = gather_plan(clip, plan, camera, [], moving, AS_USUAL, reading)
    hands = jobs or fitting_jobs(searching=True)
    with progress_bar() as progress:
        found = detect_clip(
            clip, wanted, tracks=tracks, sheet=sheet, clear=clear, reading=reading, jobs=hands, progress=progress
        )
    for notice in found.notices:
        note(notice)
    answer(found.as_data(), _summary(found, _next(clip, tracks, plan, camera)), as_json=as_json)
    return 0


def _summary(found: Found, then: str) -> str:
    counted = Text(
        "、".join(f"{NAMES[label].ja} {count}" for label, count in found.counted.items()),
        ", ".join(f"{count} {NAMES[label].en}" for label, count in found.counted.items()),
    )
    frames = _IN_SECONDS.with_(frames=found.tracks.frames, seconds=f"{found.seconds:.1f}")
    rows = [(_TRACKS, shown_name(found.file))] if found.file else []
    rows += [(_SHEET, shown_name(found.sheet))] if found.sheet else []
    rows += [(_FOUND, said(_NOT_ALL.with_(counted=counted))), (_FRAMES, said(frames)), (_NEXT, said(_CORRECT))]
    return "\n".join([*(row(said(head), text) for head, text in rows), row("", then)])


def _next(clip: Path, tracks: Path, plan: Path | None, camera: str | None) -> str:
    planned = f" --plan {shown_name(plan)}" if plan else ""
    chosen = f" --camera {shown(camera)}" if camera else ""
    return f"privmask mask {shown_name(clip)} -o COPY --tracks {shown_name(tracks)}{planned}{chosen}"


_TRACKS, _SHEET, _FOUND = Text("軌跡", "tracks"), Text("一覧の画像", "sheet"), Text("発見", "found")
_FRAMES, _NEXT = Text("コマ数", "frames"), Text("次に", "next")
_NOT_ALL = Text(
    "{counted}。検出器は全てを見つけるとは限りません。映像を通して見てください",
    "{counted}; no detector finds everything: look through the clip",
)
_IN_SECONDS = Text("{frames}、{seconds} 秒", "{frames}, in {seconds} s")
_CORRECT = Text(
    "隠さなくてよいものの行を除き、見つからなかったものの行を書き加えてから",
    "take out the lines of what need not be hidden, write some for what was missed, then",
)
