from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Privmask, Street

MADE = [
    "before-and-after.png",
    "masked.mp4",
    "masked.mp4.SHA256SUMS",
    "masked.mp4.how-to-check.txt",
    "masked.mp4.provenance.json",
    "masked.mp4.provenance.json.sig",
    "street.y4m",
    "throw-away-key",
    "zones.toml",
]


def test_the_demo_masks_verifies_and_says_where_the_files_are(privmask: Privmask, tmp_path: Path) -> None:
    done = privmask("demo", "--out", tmp_path / "demo")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == MADE
    for name in ("street.y4m", "zones.toml", "masked.mp4", "before-and-after.png"):
        assert str(tmp_path / "demo" / name) in done.out
    with Image.open(tmp_path / "demo" / "before-and-after.png") as image:
        assert image.size == (1292, 360)


def test_the_demo_signs_with_a_key_of_its_own_that_it_calls_a_throw_away_one(
    privmask: Privmask, tmp_path: Path, short: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "own"))
    done = privmask("demo", "--clip", short.clip, "--plan", short.plan, "--out", tmp_path / "demo")
    assert done.code == 0, done.err
    assert f"The key in '{tmp_path}/demo/throw-away-key' is a throw-away one" in done.out
    assert "NOT CHECKED" not in done.out
    assert (tmp_path / "demo" / "throw-away-key").stat().st_mode & 0o777 == 0o700
    assert not (tmp_path / "own").exists()
    copy, allowed = tmp_path / "demo" / "masked.mp4", tmp_path / "demo" / "throw-away-key" / "allowed_signers"
    assert privmask("verify", copy, "--allowed-signers", allowed).code == 0
    assert privmask("verify", copy).code == 3


def test_a_second_demo_goes_beside_the_first(privmask: Privmask, tmp_path: Path, street: Street) -> None:
    words = ["demo", "--clip", street.clip, "--plan", street.plan, "--out", tmp_path / "demo", "--json"]
    first, second = privmask(*words), privmask(*words)
    assert (first.code, second.code) == (0, 0)
    assert first.data["verdict"]["holds"]
    assert Path(second.data["files"]["copy"]) == tmp_path / "demo-2" / "masked.mp4"


def test_a_clip_of_your_own_needs_a_plan_of_its_own(privmask: Privmask, tmp_path: Path, street: Street) -> None:
    for words in (["--clip", street.clip], ["--plan", street.plan]):
        assert privmask("demo", *words, "--out", tmp_path / "demo").code == 2
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told(privmask: Privmask, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert privmask("demo", "--out", tmp_path / "file" / "demo").code == 7


def test_a_demo_that_fails_leaves_no_empty_folder(privmask: Privmask, tmp_path: Path, street: Street) -> None:
    out = tmp_path / "demo"
    assert privmask("demo", "--clip", tmp_path / "no.mp4", "--plan", street.plan, "--out", out).code == 6
    assert privmask("demo", "--clip", street.clip, "--plan", tmp_path / "no.toml", "--out", out).code == 2
    assert not list(tmp_path.iterdir())
