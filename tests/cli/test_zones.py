from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from privmask.street import PLAN
from tests.cli.conftest import Privmask, Street


def test_a_plan_that_stands_is_listed(privmask: Privmask, street: Street) -> None:
    done = privmask("zones", "check", street.plan)
    assert (done.code, done.err) == (0, "")
    assert "number-plate  Pixelated" in done.out
    assert "stands" in done.out


def test_what_a_plan_hides_wherever_it_is_found_is_listed_too(privmask: Privmask, street: Street, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('format = "privmask.plan.v1"\n[[dynamic]]\nlabel = "face"\n', encoding="utf-8")
    done = privmask("zones", "check", plan, "--clip", street.clip)
    assert (done.code, done.err) == (0, "")
    assert "face, wherever a detector finds one" in done.out
    assert privmask("zones", "check", plan, "--json").data["labels"] == ["face"]


def test_with_a_clip_each_zone_says_how_much_it_hides(privmask: Privmask, street: Street) -> None:
    masks = privmask("zones", "check", street.plan, "--clip", street.clip, "--json").data["masks"]
    assert [mask["token"] for mask in masks] == ["private-window", "neighbour-window", "number-plate"]
    assert masks[0]["hides_percent"] == pytest.approx(100 * 120 * 156 / (640 * 360), abs=0.01)
    assert masks[0]["reason"] == "2階の窓"
    told = privmask("--lang", "ja", "zones", "check", street.plan, "--clip", street.clip).out
    assert f" 1  private-window  Blurred  画面の {masks[0]['hides_percent']} % を隠します\n" in told
    assert told.splitlines()[-1] == f"計画 '{street.plan}' に誤りはなく、この映像に合います。"


def test_every_complaint_is_told_with_its_place(privmask: Privmask, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace('"Pixelated"', '"Mosaic"').replace("[508, 60]", "[508]"), encoding="utf-8")
    done = privmask("zones", "check", plan, "--json")
    assert done.code == 2
    complaints = done.data["error"]["complaints"]
    assert any("mask[2].polygon" in complaint for complaint in complaints)
    assert any("mask[3].type" in complaint for complaint in complaints)


def test_a_plan_for_another_shape_of_picture_does_not_fit(privmask: Privmask, street: Street, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace("[640, 360]", "[640, 480]"), encoding="utf-8")
    assert privmask("zones", "check", plan).code == 0
    done = privmask("zones", "check", plan, "--clip", street.clip)
    assert done.code == 2
    assert "640x480" in done.err
    assert "640x360" in done.err


def test_a_zone_partly_off_the_picture_is_noted(privmask: Privmask, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace("[508, 60], [508, 178]", "[708, 60], [708, 178]"), encoding="utf-8")
    done = privmask("zones", "check", plan)
    assert done.code == 0
    assert done.err.startswith("note: ")
    assert "neighbour-window" in done.err


def test_a_preview_is_a_new_picture_with_both_halves(privmask: Privmask, street: Street, tmp_path: Path) -> None:
    picture = tmp_path / "preview.png"
    words = ["zones", "preview", street.clip, "--plan", street.plan, "-o", picture, "--at", "2.5"]
    done = privmask(*words, "--json")
    assert (done.code, done.data["picture"]) == (0, str(picture))
    assert done.data["masks"] == ["private-window", "neighbour-window", "number-plate"]
    with Image.open(picture) as image:
        assert image.size == (1292, 360)
    again = privmask(*words)
    assert (again.code, again.out) == (7, "")


@pytest.mark.parametrize("at", ["soon", "-1", "1/0"])
def test_a_wrong_second_is_told(at: str, privmask: Privmask, street: Street, tmp_path: Path) -> None:
    done = privmask("zones", "preview", street.clip, "--plan", street.plan, "-o", tmp_path / "p.png", "--at", at)
    assert done.code == 2
    assert "--at" in done.err
    assert not list(tmp_path.iterdir())


def test_a_preview_shows_hours_by_the_clock_of_the_recording(privmask: Privmask, street: Street, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'format = "privmask.plan.v1"\n[[mask]]\ntoken = "a"\npolygon = [[0, 0], [1, 0], [1, 1], [0, 1]]\n'
        'hours = ["18:00-06:00"]\n',
        encoding="utf-8",
    )
    hidden = []
    for number, words in enumerate(([], ["2026-04-01T20:00+09:00"], ["2026-04-01T12:00+09:00"])):
        picture = tmp_path / f"{number}.png"
        more = ["--recorded-at", *words] if words else []
        assert privmask("zones", "preview", street.clip, "--plan", plan, "-o", picture, *more).code == 0
        with Image.open(picture) as image:
            hidden.append(image.getpixel((1292 - 320, 180)) == (0, 0, 0))
    assert hidden == [True, True, False]
    assert privmask("zones", "preview", street.clip, "--plan", plan, "-o", tmp_path / "x", "--recorded-at", "2026").code == 2
