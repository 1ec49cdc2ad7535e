"""Whoever tampers with a copy, or with what lies beside it, is found out, and the verdict names what was done."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tampering import VECTORS, Kind, Scene, Vector, make_scene

Scenes = Callable[[Kind], Scene]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """The good copy of each kind, made when it is first asked for; not to be touched."""
    made: dict[Kind, Scene] = {}

    def scene(kind: Kind) -> Scene:
        if kind not in made:
            made[kind] = make_scene(kind, tmp_path_factory.mktemp(kind))
        return made[kind]

    return scene


def after(vector: Vector, good: Scenes, folder: Path) -> Scene:
    """A copy of the good scene, tampered with."""
    scene = good(vector.kind)
    shutil.copytree(scene.folder, folder / "scene")
    tampered = scene.at(folder / "scene")
    vector.apply(tampered)
    return tampered


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_tampering_is_named(vector: Vector, good: Scenes, tmp_path: Path) -> None:
    verdict = after(vector, good, tmp_path).verify(with_original=vector.original)
    assert vector.complaint(verdict) == ""


@pytest.mark.parametrize("kind", sorted({vector.kind for vector in VECTORS}))
def test_the_good_copy_of_each_kind_holds(kind: Kind, good: Scenes) -> None:
    for with_original in (False, True):
        verdict = good(kind).verify(with_original=with_original)
        assert [check for check in verdict.checks if check.outcome == "FAIL"] == []
        assert verdict.holds


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.original], ids=lambda vector: vector.name)
def test_what_takes_the_original_to_see_is_not_seen_without_it(vector: Vector, good: Scenes, tmp_path: Path) -> None:
    """The limit of what a recipient can check, as the README says it; when a vector fails here, privmask became better."""
    assert after(vector, good, tmp_path).verify(with_original=False).holds


def test_every_check_has_a_tampering() -> None:
    assert {vector.check for vector in VECTORS} == set(range(1, 16))
