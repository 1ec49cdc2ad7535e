"""The corridor of reference pictures (基準画像): what a camera should see, taken from a clip, with its private zones hidden."""

from __future__ import annotations

import os
from datetime import date
from fractions import Fraction
from pathlib import Path

from privmask.masks import MaskPlan
from privmask.policy import load_site
from privmask.zoning import zone_plan


def write_reference(
    site_path: str | os.PathLike[str], camera: str, clip: Path, picture: Path, at: Fraction = Fraction(0)
) -> None:
    """Write what `clip` shows `at` seconds after its first frame as the new PNG `picture`, mode 0600.

    All zones that the rules `site_path` name for `camera`, whenever they hold, are black in it: the picture lies in the site's
    folder for years, and where the camera looks is told by the rest. The rules need not be adopted. Raises `PlanError` for
    rules that do not stand, `PolicyError` for a camera that they don't know, `FootageError`, `CopyExistsError`, `CopyError`.
    """
    from privmask.preview import save_new, still
    from privmask.turned import with_zones_hidden

    plan = zone_plan(site_path, load_site(site_path).camera(camera), date.min, date.max)
    shown = still(clip, at)
    picture.parent.mkdir(mode=0o700, exist_ok=True)
    save_new(with_zones_hidden(shown, plan or MaskPlan(())), picture)
