"""What to hide, and the painting of it: plans, masks fitted to a clip's pictures, covers, and the kernels that paint.

A plan comes from a person, by file or by hand, and is checked as a whole before a frame is read (`load_plan`). It is
fitted once to the pictures of a stream (`fit_masks`); then each frame is asked about, with what was seen on it
(`FittedMasks.at`), and painted (`hide`), which is the only maker of masked frames. Each sighting that the plan does not
leave visible becomes a patch, a rectangle of samples laid over the fixed masks. No way of hiding reads a hidden sample: Color
is a constant, Blurred and Pixelated are made of the public samples around the zone. So two frames that differ only where
they are hidden become the same frame. `compare` and `residual` look at a decoded copy.

This room knows planes, spans and time; it is the only one with numba (`kernels`). It must not know where frames or
sightings come from, or where frames go to, open any file but a plan, or offer a way of hiding that can be undone.
"""

from typing import TYPE_CHECKING, Any

from privmask.masks.moving import DynamicMask, Follow, Keep
from privmask.masks.plan import Mask, MaskPlan, notices
from privmask.masks.planfile import load_plan, parse_plan, parse_zone, plan_from_data
from privmask.masks.ways import MaskType

if TYPE_CHECKING:
    from privmask.masks.comparing import Difference, Residual, compare, residual, worst_cell
    from privmask.masks.cover import Cover
    from privmask.masks.fit import FittedMasks, fit_masks
    from privmask.masks.hiding import hide
    from privmask.masks.shown import Shown

_HEAVY = {
    "Cover": "cover",
    "Difference": "comparing",
    "FittedMasks": "fit",
    "Residual": "comparing",
    "Shown": "shown",
    "compare": "comparing",
    "fit_masks": "fit",
    "hide": "hiding",
    "residual": "comparing",
    "worst_cell": "comparing",
}

__all__ = [
    "Cover",
    "Difference",
    "DynamicMask",
    "FittedMasks",
    "Follow",
    "Keep",
    "Mask",
    "MaskPlan",
    "MaskType",
    "Residual",
    "Shown",
    "compare",
    "fit_masks",
    "hide",
    "load_plan",
    "notices",
    "parse_plan",
    "parse_zone",
    "plan_from_data",
    "residual",
    "worst_cell",
]


def __getattr__(name: str) -> Any:
    """Load what needs numpy or numba only when it is asked for: a plan can be checked without it."""
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HEAVY[name]}"), name)
