"""The zones in a site's rules are plans that stand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from privmask.errors import PlanError
from privmask.policy import site_from
from privmask.zoning import file_complaints, zone_plan
from tests.policy.sites import site_text

PLAN = """\
format = "privmask.plan.v1"
[[mask]]
token = "window"
polygon = [["1/10", "1/10"], ["2/10", "1/10"], ["2/10", "3/10"]]
"""
IN_A_FILE = ("nothing_private = ", 'plan = "zones.toml"\n#')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "gate.png").write_bytes(b"a picture")
    return tmp_path / "site.toml"


def test_inline_zones_become_a_plan_with_exact_corners(path: Path) -> None:
    plan = zone_plan(path, site_from(site_text()).camera("gate"), date(2026, 7, 1), date(2026, 7, 1))
    assert plan is not None
    assert [mask.token for mask in plan.masks] == ["neighbour-window", "building-site"]
    assert plan.masks[0].polygon.points[0] == (Fraction(192, 1920), Fraction(216, 1080))
    assert (plan.camera, plan.masks[0].reason) == ("gate", "沿道の住宅2階の窓")


def test_a_camera_that_sees_nothing_private_has_no_plan(path: Path) -> None:
    assert zone_plan(path, site_from(site_text()).camera("arcade"), date(2026, 7, 1), date(2026, 7, 1)) is None


def test_a_plan_file_is_looked_for_beside_the_rules(path: Path) -> None:
    camera = site_from(site_text(IN_A_FILE)).camera("arcade")
    with pytest.raises(PlanError, match=r"zones\.toml"):
        zone_plan(path, camera, date(2026, 7, 1), date(2026, 7, 1))
    (path.parent / "zones.toml").write_text(PLAN)
    plan = zone_plan(path, camera, date(2026, 7, 1), date(2026, 7, 1))
    assert plan is not None
    assert [mask.token for mask in plan.masks] == ["window"]


def test_good_files_are_no_reason_to_complain(path: Path) -> None:
    assert file_complaints(path, site_from(site_text())) == []


def test_what_is_wrong_with_the_files_is_told_by_camera(path: Path) -> None:
    (path.parent / "reference" / "gate.png").unlink()
    found = file_complaints(path, site_from(site_text(IN_A_FILE)))
    assert [(each.place, each.clause) for each in found] == [
        ("camera[1].reference.picture", "II-2"),
        ("camera[2].plan", "II-2"),
    ]


def test_corners_that_are_no_polygon_are_told(path: Path) -> None:
    flat = site_text(("[[192, 216], [576, 216],\n           [576, 540]]", "[[1, 1], [2, 2], [3, 3]]"))
    (found,) = file_complaints(path, site_from(flat))
    assert found.place == "camera[1].zone"
