"""`privmask zones import` and `export`: zones that were drawn elsewhere, as a plan, and a plan for a camera."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import language, said
from privmask.cli.words import answer, note, shown_name
from privmask.errors import PlanError
from privmask.geometry import Size
from privmask.language import Text

Source = Literal["onvif", "zoneminder", "motion", "frigate", "cvat", "labelme", "coco"]


ForeignFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=both("領域のあるファイル。", "The file with the zones."))
]
From = Annotated[
    Source,
    typer.Option(
        "--from",
        metavar="SOURCE",
        help=both(
            "onvif、zoneminder、motion、frigate、cvat、labelme、coco のどれか。",
            "onvif, zoneminder, motion, frigate, cvat, labelme or coco.",
        ),
    ),
]
NewPlan = Annotated[
    Path,
    typer.Option(
        "-o",
        "--output",
        metavar="PLAN",
        help=both("作る計画（新しいファイル）。", "The plan file to write: a new one."),
    ),
]
ForeignCamera = Annotated[
    str | None,
    typer.Option(
        "--camera",
        metavar="NAME",
        help=both(
            "このカメラの領域だけを読みます。ファイルに名前がなければ、この名前にします。",
            "Only this camera's zones; or the camera's name, where the file says none.",
        ),
    ),
]
PictureSize = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="WxH",
        help=both(
            "頂点が画素で書かれ、ファイルに画面の大きさがないときの大きさ（例：1920x1080）。",
            "The picture's size, such as 1920x1080, where corners are pixels and the file does not say it.",
        ),
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="NAME",
        help=both(
            "このラベルの図形だけを読みます（cvat、labelme、coco。何度でも）。",
            "Only shapes with this label (cvat, labelme, coco); may be given several times.",
        ),
    ),
]
HidesNothing = Annotated[
    bool,
    options.flag(
        "--these-hide-nothing-in-frigate",
        both(
            "Frigate のマスクは録画では何も隠さないことを承知の上で読みます。",
            "Frigate's masks hide nothing in its recordings; import them all the same.",
        ),
    ),
]


@in_japanese(
    "ほかで描いた領域から、計画のファイルを作ります。座標の読み方は計画の注釈に書きます。\n\nonvif は GetMasks の応答（XML）、"
    "zoneminder は Zones 表（SQL、CSV、JSON）、motion は mask_privacy（PGM）、frigate は config.yml、"
    "ほかは CVAT 1.1（XML）、labelme、COCO（JSON）です。使う前に zones preview で見てください。"
)
def import_zones(
    file: ForeignFile,
    source: From,
    plan: NewPlan,
    camera: ForeignCamera = None,
    size: PictureSize = None,
    labels: Labels = None,
    hides_nothing: HidesNothing = False,
    as_json: options.Json = False,
) -> int:
    """Make a plan file of zones that were drawn elsewhere; the plan's comments say how their coordinates were read.

    onvif: the answer to GetMasks (XML) · zoneminder: the table Zones (SQL, CSV, JSON) · motion: mask_privacy (PGM) · frigate:
    config.yml · cvat: CVAT 1.1 (XML) · labelme, coco: JSON. Look at the plan with zones preview before you use it.
    """
    from privmask.masks.imports import Wishes, save_new
    from privmask.masks.imports import import_zones as read

    wishes = Wishes(_size(size), frozenset(labels or ()), hides_nothing)
    found = read(source, file, wishes, camera, language())
    save_new(found.text, plan)
    for notice in found.notices:
        note(said(notice))
    lines = [f"{number:>2}  {token}" for number, token in enumerate(found.tokens, 1)]
    told = [line[2:] for line in found.text.split("\n") if line.startswith("# ")]
    data = {
        "plan": str(plan), "masks": list(found.tokens), "cameras": list(found.cameras),
        "notices": list(map(str, found.notices)), "explained": told,
    }  # fmt: skip
    answer(data, "\n".join([*lines, *told, said(_WRITTEN.with_(plan=shown_name(plan)))]), as_json=as_json)
    return 0


@in_japanese(
    "計画の領域を、カメラに送れる形（ONVIF Media2 の GetMasksResponse）で出します。反転や穴のある領域は書けないので断ります。"
)
def export_zones(
    plan: Annotated[
        Path, typer.Argument(metavar="PLAN", help=both("計画のファイル（TOML）。", "The plan file (TOML)."))
    ],
    to: Annotated[
        Literal["onvif"],
        typer.Option("--to", metavar="FORMAT", help=both("相手の形式：onvif。", "The format: onvif.")),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=both("作るファイル（なければ標準出力）。", "A new file; else standard output."),
        ),
    ] = None,
    camera: options.Camera = None,
    as_json: options.Json = False,
) -> int:
    """Write the plan's zones as cameras take them: tr2:Masks of ONVIF's Media2 service.

    What ONVIF cannot say is refused (inverted masks, holes, what moves) or noted (times).
    """
    del to  # there is one
    from privmask.masks import load_plan
    from privmask.masks.imports import as_onvif, save_new

    loaded = load_plan(plan, camera)
    text, lost = as_onvif(loaded)
    for each in lost:
        note(each)
    data = {"masks": [mask.token for mask in loaded.masks], "notices": list(map(str, lost))}
    if output is None:
        answer({**data, "xml": text}, text.rstrip("\n"), as_json=as_json)
        return 0
    save_new(text, output)
    answer({**data, "file": str(output)}, said(_EXPORTED.with_(file=shown_name(output))), as_json=as_json)
    return 0


def _size(text: str | None) -> Size | None:
    if text is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text, re.ASCII)
    if not found:
        raise PlanError(_NO_SIZE.with_(text=repr(text)))
    return Size(int(found[1]), int(found[2]))


_NO_SIZE = Text("--size：{text} は大きさではありません（例：1920x1080）", "--size: {text} is no size such as 1920x1080")
_WRITTEN = Text("計画 {plan} を作りました", "The plan is {plan}.")
_EXPORTED = Text("{file} を作りました", "The zones are in {file}.")
