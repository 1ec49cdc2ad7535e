"""An honest copy is never accused: whatever it was made of, it holds alone and with its original."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.honest import HONEST, Find, Honest, complaints


@pytest.mark.parametrize("case", [case for case in HONEST if case.quick], ids=lambda case: case.name)
def test_an_honest_copy_holds(case: Honest, tmp_path: Path, footage: Find) -> None:
    assert list(complaints(case, tmp_path, footage)) == []


def test_there_are_fifty_of_them() -> None:
    assert len({case.name for case in HONEST}) == 50
