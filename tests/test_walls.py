from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests import walls
from tests.conftest import ROOT
from tests.walls import Module

Rule = Callable[[Iterable[Module]], Iterator[str]]
RULES: list[Rule] = [
    walls.broken_floors,
    walls.misplaced_packages,
    walls.cycles,
    walls.talkers,
    walls.catchers,
    walls.too_long,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_walls(rule: Rule) -> None:
    modules = walls.read_modules(ROOT / "src" / "privmask")
    assert len(modules) > 4
    assert list(rule(modules)) == []


BREAKS = [
    (walls.broken_floors, "masks.fit", "from privmask.video import open_video"),
    (walls.broken_floors, "masks.fit", "from privmask import video"),
    (walls.broken_floors, "masks.fit", "from ..video.original import Source"),
    (walls.broken_floors, "masks.fit", "def later():\n    import privmask.evidence.draft"),
    (walls.broken_floors, "evidence.verify", "from privmask.copying import mask_clip"),
    (walls.broken_floors, "frame", "from privmask.masks.plan import Mask"),
    (walls.broken_floors, "copying", "from privmask.cli import main"),
    (walls.broken_floors, "batch", "from privmask.cli import main"),
    (walls.misplaced_packages, "masks.hide", "import numba"),
    (walls.misplaced_packages, "masks.hide", "from numba import njit"),
    (walls.misplaced_packages, "copying", "import av.container"),
    (walls.misplaced_packages, "evidence.verify", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import av"),
    (walls.misplaced_packages, "masker", "import importlib\nimportlib.import_module('av')"),
    (walls.misplaced_packages, "masks.hide", "import cv2"),
    (walls.misplaced_packages, "video.copy", "import onnxruntime"),
    (walls.misplaced_packages, "copying", "import rfc8785"),
    (walls.misplaced_packages, "evidence.verify", "import numpy as np"),
    (walls.misplaced_packages, "masks.planfile", "from cryptography.hazmat.primitives import hashes"),
    (walls.misplaced_packages, "copying", "import rich.progress"),
    (walls.talkers, "video.original", "print('half-way')"),
    (walls.talkers, "video.original", "import sys\nsys.stderr.write('half-way')"),
    (walls.talkers, "copying", "import sys\nsys.exit(3)"),
    (walls.talkers, "copying", "raise SystemExit(3)"),
    (walls.talkers, "masks.plan", "import logging\nlogging.warning('zone off the picture')"),
    (walls.talkers, "masks.plan", "import logging\nlogging.getLogger().warning('zone off the picture')"),
    (walls.catchers, "copying", "try:\n    pass\nexcept PrivmaskError:\n    pass"),
    (walls.catchers, "copying", "try:\n    pass\nexcept (OSError, errors.PrivmaskError):\n    pass"),
    (walls.catchers, "cli.run", "try:\n    pass\nexcept:\n    pass"),
    (walls.too_long, "copying", "pass\n" * 301),
    (walls.too_long, "copying", "def long():\n" + "    pass\n" * 60),
    (walls.too_long, "copying", "def longish():\n" + "    pass\n" * 11),
]


@pytest.mark.parametrize(("rule", "name", "text"), BREAKS, ids=lambda value: getattr(value, "__name__", None))
def test_a_broken_wall_is_named(rule: Rule, name: str, text: str) -> None:
    found = list(rule([Module(name, text)]))
    assert found
    assert all(line.startswith(name) or "median" in line for line in found)


KEPT = [
    ("masks.fit", "from privmask.frame import Frame\nfrom privmask.masks.plan import Mask\nfrom .scan import scan"),
    ("masks.kernels", "from numba import njit"),
    ("copying", "from privmask.masks import hide\nfrom privmask.video import open_video"),
    ("masker", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import av"),
    ("cli.run", "try:\n    print()\nexcept PrivmaskError:\n    raise SystemExit(2)"),
    ("video.original", "import logging\nlogging.getLogger(__name__).debug('opened')"),
    ("copying", 'def told():\n    """' + "A word.\n" * 70 + '    """\n    return 1\n'),
]


@pytest.mark.parametrize(("name", "text"), KEPT)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_is_allowed_is_not_complained_about(rule: Rule, name: str, text: str) -> None:
    assert list(rule([Module(name, text)])) == []


def test_a_cycle_of_imports_is_named() -> None:
    there = Module("masks.plan", "from privmask.masks.fit import fit_masks")
    back = Module("masks.fit", "def fit():\n    from privmask.masks import plan")
    assert list(walls.cycles([there])) == []
    (found,) = walls.cycles([there, back])
    assert "masks.plan" in found
    assert "masks.fit" in found


def test_the_room_of_a_module_is_read_from_its_path(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "__init__.py").write_text("from . import plan\n")
    (tmp_path / "masks" / "plan.py").write_text("from ..video import original\n")
    modules = walls.read_modules(tmp_path)
    assert [module.name for module in modules] == ["masks", "masks.plan"]
    assert len(list(walls.broken_floors(modules))) == 1
