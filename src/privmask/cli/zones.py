"""`privmask zones`: looking at a plan before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import Words, both, in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer, note, shown_name
from privmask.cli.zones_elsewhere import export_zones, import_zones
from privmask.language import Text
from privmask.sighting import NAMES

zones = Words(
    help=both(
        "計画：検査する、領域を画面で見る、ほかで描いた領域から作る。",
        "Check a plan file, see its zones on a frame, make it of zones that were drawn elsewhere.",
    ),
)
zones.command("import")(import_zones)
zones.command("export")(export_zones)


@zones.command()
@in_japanese("計画全体を検査し、誤りの場所を示します。誤りがあれば2で終わります。")
def check(
    plan: Annotated[
        Path, typer.Argument(metavar="PLAN", help=both("計画のファイル（TOML）。", "The plan file (TOML)."))
    ],
    clip: Annotated[
        Path | None,
        typer.Option(
            "--clip",
            metavar="CLIP",
            help=both("この映像に領域が合うかも確かめます。", "Fit the zones to this clip as well."),
        ),
    ] = None,
    camera: options.Camera = None,
    stream: options.Stream = None,
    as_json: options.Json = False,
) -> int:
    """Check a plan as a whole; each complaint says its place. Ends with 2 when the plan does not stand."""
    from privmask.masks import load_plan, notices

    loaded = load_plan(plan, camera)
    shares: dict[str, float] = {}
    if clip is not None:
        from privmask.probing import coverage, picture_of
        from privmask.video import Reading

        shares = coverage(loaded, picture_of(clip, Reading(stream=stream)))
    rows = [
        {"token": mask.token, "type": mask.type, "enabled": mask.enabled, "reason": mask.reason}
        | ({"hides_percent": round(100 * shares[mask.token], 2)} if mask.token in shares else {})
        for mask in loaded.masks
    ]
    told = notices(loaded)
    for notice in told:
        note(notice)
    lines = [_row(number, row) for number, row in enumerate(rows, start=1)]
    lines += [f" *  {said(_WHEREVER.with_(label=NAMES[label]))}" for label in loaded.labels]
    lines.append(said((_FITS if clip else _STANDS).with_(plan=shown_name(plan))))
    data = {"camera": loaded.camera, "masks": rows, "labels": list(loaded.labels), "notices": list(map(str, told))}
    answer(data, "\n".join(lines), as_json=as_json)
    return 0


def _row(number: int, row: dict[str, object]) -> str:
    share = said(_SHARE.with_(share=row["hides_percent"])) if "hides_percent" in row else ""
    asleep = "" if row["enabled"] else said(_ASLEEP)
    return f"{number:>2}  {row['token']}  {row['type']}{share}{asleep}"


@zones.command()
@in_japanese(
    "映像の1コマに領域を描いた画像と、隠した画像を並べて作ります。\n\n顔やナンバープレートは探さないので"
    "、両方に写ります。左側には私的空間が写ります。手元に残し、渡さないでください。"
)
def preview(
    clip: options.Clip,
    plan: options.NeededPlan,
    picture: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="PNG",
            help=both("作る画像（新しいファイル）。", "The picture to write: a new file."),
        ),
    ],
    at: options.At = "0",
    recorded_at: options.RecordedAt = None,
    camera: options.Camera = None,
    stream: options.Stream = None,
    as_json: options.Json = False,
) -> int:
    """Write one frame of CLIP with the zones drawn and named, and beside it the same frame masked.

    Faces and plates are not looked for here: they show in both halves. The left half shows what is private: keep the picture
    to yourself.
    """
    moment, wall = options.seconds(at), options.moment(recorded_at)
    from privmask.masks import load_plan
    from privmask.preview import named_places, save_new
    from privmask.preview import preview as draw
    from privmask.video import Reading

    loaded = load_plan(plan, camera)
    save_new(draw(clip, loaded, moment, reading=Reading(stream=stream), recorded_at=wall), picture)
    legend = "\n".join(f"{number:>2}  {name}" for number, (name, _) in enumerate(named_places(loaded), start=1))
    data = {"picture": str(picture), "masks": [mask.token for mask in loaded.masks]}
    answer(data, f"{legend}\n{said(_LEFT.with_(picture=shown_name(picture)))}", as_json=as_json)
    return 0


_WHEREVER = Text("{label}（検出器が見つけた所すべて）", "{label}, wherever a detector finds one")
_STANDS = Text("計画 {plan} に誤りはありません。", "The plan {plan} stands.")
_FITS = Text("計画 {plan} に誤りはなく、この映像に合います。", "The plan {plan} stands and fits the clip.")
_SHARE = Text("  画面の {share} % を隠します", "  hides {share} % of the picture")
_ASLEEP = Text("  （無効）", "  (not enabled)")
_LEFT = Text(
    "{picture} を作りました。左半分は隠していません。", "The picture is {picture}; its left half is not masked."
)
