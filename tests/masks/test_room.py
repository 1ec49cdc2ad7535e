"""What the room as a whole promises to those who import it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from privmask import masks


def test_a_plan_is_read_without_numpy_and_numba() -> None:
    code = (
        "import sys, privmask.masks as m; m.parse_zone('0,0 1,0 1,1', 'a');"
        "sys.exit(' '.join({'numpy', 'numba'} & set(sys.modules)) or None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_is_there_and_no_other() -> None:
    for name in masks.__all__:
        assert getattr(masks, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'unhide'"):
        _ = masks.unhide


def test_names_stay_what_they_are_after_the_modules_were_loaded() -> None:
    from privmask.masks import comparing, hiding

    assert masks.hide is hiding.hide
    assert masks.compare is comparing.compare
