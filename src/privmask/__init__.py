"""privmask hides private zones in a copy of recorded footage, and never touches the original.

The public names, loaded when first used: `import privmask` alone loads neither numpy nor numba nor PyAV. People start with
`mask_clip` and `load_plan`; `FrameMasker` is for those who have a decoding loop of their own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privmask.copying import Progress, Result, mask_clip
    from privmask.detecting import Found, detect_clip
    from privmask.errors import (
        CopyError,
        CopyExistsError,
        DamagedFootageError,
        DetectorError,
        EvidenceError,
        FootageError,
        OriginalChangedError,
        PlanError,
        PolicyError,
        PrivmaskError,
        UnsupportedFootageError,
    )
    from privmask.evidence import AgentSigner, Check, KeyFileSigner, Signer, Verdict
    from privmask.geometry import Polygon, Size
    from privmask.masker import FrameMasker
    from privmask.masks import Mask, MaskPlan, load_plan, parse_plan
    from privmask.verifying import verify_copy
    from privmask.video import Reading, Writing
    from privmask.watching import Looking

    __version__: str

_HOME = {
    "privmask.copying": ("Progress", "Result", "mask_clip"),
    "privmask.detecting": ("Found", "detect_clip"),
    "privmask.errors": (
        "CopyError",
        "CopyExistsError",
        "DamagedFootageError",
        "DetectorError",
        "EvidenceError",
        "FootageError",
        "OriginalChangedError",
        "PlanError",
        "PolicyError",
        "PrivmaskError",
        "UnsupportedFootageError",
    ),
    "privmask.evidence": ("AgentSigner", "Check", "KeyFileSigner", "Signer", "Verdict"),
    "privmask.geometry": ("Polygon", "Size"),
    "privmask.masker": ("FrameMasker",),
    "privmask.masks": ("Mask", "MaskPlan", "load_plan", "parse_plan"),
    "privmask.verifying": ("verify_copy",),
    "privmask.video": ("Reading", "Writing"),
    "privmask.watching": ("Looking",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "AgentSigner",
    "Check",
    "CopyError",
    "CopyExistsError",
    "DamagedFootageError",
    "DetectorError",
    "EvidenceError",
    "FootageError",
    "Found",
    "FrameMasker",
    "KeyFileSigner",
    "Looking",
    "Mask",
    "MaskPlan",
    "OriginalChangedError",
    "PlanError",
    "PolicyError",
    "Polygon",
    "PrivmaskError",
    "Progress",
    "Reading",
    "Result",
    "Signer",
    "Size",
    "UnsupportedFootageError",
    "Verdict",
    "Writing",
    "__version__",
    "detect_clip",
    "load_plan",
    "mask_clip",
    "parse_plan",
    "verify_copy",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        value: object = _installed_version()
    elif name in _MODULE_OF:
        value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _installed_version() -> str:
    from importlib.metadata import version

    return version("privmask")
