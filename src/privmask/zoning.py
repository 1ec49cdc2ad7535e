"""The private zones of a site's cameras as plans, and what is wrong with the files that the rules name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from privmask.errors import PlanError
from privmask.language import Text
from privmask.masks import MaskPlan, load_plan
from privmask.masks.planfile import plan_from_data
from privmask.policy import Camera, Complaint, Site


def zone_plan(path: str | os.PathLike[str], camera: Camera, first: date, last: date) -> MaskPlan | None:
    """The zones of the camera that hold on any day from `first` to `last`; None if nothing is private then.

    `path` is that of site.toml, beside which a plan file is looked for; a plan file is given whole, with its own dates. Raises
    `PlanError` if it does not stand.
    """
    if camera.plan is not None:
        return load_plan(Path(path).parent / camera.plan, camera.id)
    data = camera.plan_data(first, last)
    return None if data is None else plan_from_data(data)


def file_complaints(path: str | os.PathLike[str], site: Site) -> list[Complaint]:
    """What is wrong with the zones, plan files and reference pictures of the cameras in the rules `path`."""
    return [
        Complaint(f"camera[{number}].{key}", words, "II-2")
        for number, camera in enumerate(site.cameras, 1)
        for key, words in (*_zones(path, camera), *_picture(path, camera))
    ]


def _zones(path: str | os.PathLike[str], camera: Camera) -> Iterator[tuple[str, Text]]:
    try:
        zone_plan(path, camera, date.min, date.max)
    except PlanError as error:
        for complaint in error.complaints:
            yield "plan" if camera.plan else "zone", Text(complaint, complaint)


def _picture(path: str | os.PathLike[str], camera: Camera) -> Iterator[tuple[str, Text]]:
    if camera.reference and not (Path(path).parent / camera.reference.picture).is_file():
        yield "reference.picture", _NO_PICTURE.with_(name=camera.reference.picture)


_NO_PICTURE = Text("基準画像「{name}」がありません", "the reference picture {name!r} is not there")
