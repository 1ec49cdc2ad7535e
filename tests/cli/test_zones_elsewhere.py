"""`privmask zones import` and `export`."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.masks import load_plan
from tests.cli.conftest import Privmask, Street
from tests.masks.imports.test_sources import DUMP, FRIGATE, mask, masks


def test_an_imported_plan_says_how_its_coordinates_were_read_and_stands(
    privmask: Privmask, street: Street, tmp_path: Path
) -> None:
    (tmp_path / "masks.xml").write_text(masks(mask("door")))
    plan = tmp_path / "plan.toml"
    done = privmask("zones", "import", "--from", "onvif", tmp_path / "masks.xml", "-o", plan, "--json")
    assert (done.code, done.data["masks"], done.data["cameras"]) == (0, ["door"], ["VSC"])
    assert any("section 5.10.1" in line for line in done.data["explained"])
    assert "# ONVIF counts from the middle of the picture" in plan.read_text()
    assert privmask("zones", "check", plan, "--clip", street.clip).code == 0
    assert privmask("zones", "preview", street.clip, "--plan", plan, "-o", tmp_path / "p.png").code == 0


def test_a_plan_is_exported_and_imported_again(privmask: Privmask, street: Street, tmp_path: Path) -> None:
    done = privmask("zones", "export", "--to", "onvif", street.plan, "-o", tmp_path / "masks.xml")
    assert done.code == 0
    words = ["zones", "import", "--from", "onvif", tmp_path / "masks.xml", "-o", tmp_path / "back.toml"]
    assert privmask(*words).code == 0
    ours, back = load_plan(street.plan), load_plan(tmp_path / "back.toml")
    assert [mask.token for mask in back.masks] == [mask.token for mask in ours.masks]
    for one, other in zip(ours.masks, back.masks, strict=True):
        pairs = zip(one.polygon.points, other.polygon.points, strict=True)
        assert all(abs(a - b) < 1e-9 for here, there in pairs for a, b in zip(here, there, strict=True))
    assert privmask(*words).code == 7  # never over a file
    assert "<tr2:Masks token=" in privmask("zones", "export", "--to", "onvif", street.plan).out


def test_times_that_a_camera_does_not_know_are_noted(privmask: Privmask, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    mask = 'token = "a"\nhours = ["18:00-06:00"]\npolygon = [[0, 0], [1, 0], [1, 1]]\n'
    plan.write_text(f'format = "privmask.plan.v1"\n[[mask]]\n{mask}')
    done = privmask("zones", "export", "--to", "onvif", plan)
    assert done.code == 0
    assert "hours cannot be said in ONVIF; there it holds at all times" in done.err


def test_frigates_masks_and_pixels_need_the_words_for_them(privmask: Privmask, tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(FRIGATE)
    (tmp_path / "zones.sql").write_text(DUMP)
    plan = tmp_path / "plan.toml"
    frigate = ["zones", "import", "--from", "frigate", tmp_path / "config.yml", "-o", plan]
    assert privmask(*frigate).code == 2
    zoneminder = ["zones", "import", "--from", "zoneminder", tmp_path / "zones.sql", "-o", plan]
    assert "--size 1920x1080" in privmask(*zoneminder).err
    assert not plan.exists()
    assert privmask(*zoneminder, "--size", "100x50").code == 0
    plan.unlink()
    assert privmask(*frigate, "--these-hide-nothing-in-frigate", "--camera", "gate").code == 0


@pytest.mark.parametrize("size", ["1920", "1920x", "0x5", "-1x5", "axb", "1920x1080x3", "\u0661x\u0662"])
def test_a_size_that_is_none_is_told(size: str, privmask: Privmask, tmp_path: Path) -> None:
    (tmp_path / "zones.sql").write_text(DUMP)
    done = privmask("zones", "import", "--from", "zoneminder", tmp_path / "zones.sql", "-o", tmp_path / "p", "--size", size)
    assert (done.code, "--size" in done.err) == (2, True)


def test_a_plan_with_what_a_camera_cannot_do_is_not_exported(privmask: Privmask, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('format = "privmask.plan.v1"\n[[mask]]\ntoken = "a"\ninvert = true\npolygon = [[0, 0], [1, 0], [1, 1]]\n')
    done = privmask("zones", "export", "--to", "onvif", plan, "-o", tmp_path / "masks.xml")
    assert (done.code, (tmp_path / "masks.xml").exists()) == (2, False)
    assert "inverted" in done.err


def test_a_clerk_reads_it_in_japanese(privmask: Privmask, tmp_path: Path) -> None:
    (tmp_path / "masks.xml").write_text(masks(mask("door"), mask("off", enabled="false")))
    (tmp_path / "config.yml").write_text(FRIGATE)
    plan = tmp_path / "plan.toml"
    done = privmask("--lang", "ja", "zones", "import", "--from", "onvif", tmp_path / "masks.xml", "-o", plan)
    assert done.code == 0
    assert "何も隠しません" in done.err
    assert "画面の中央が原点" in done.out
    assert "# ONVIF の座標は画面の中央が原点" in plan.read_text()
    assert load_plan(plan).masks[0].token == "door"
    refused = privmask("--lang", "ja", "zones", "import", "--from", "frigate", tmp_path / "config.yml", "-o", tmp_path / "x")
    assert refused.code == 2
    assert "Frigate のマスクは検出のためのもので" in refused.err
