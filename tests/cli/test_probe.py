from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Privmask, Street


def test_a_clip_is_described_for_people_and_for_programs(privmask: Privmask, street: Street) -> None:
    done = privmask("probe", street.clip)
    assert (done.code, done.err) == (0, "")
    assert "640" in done.out
    found = privmask("probe", street.clip, "--json").data
    content = street.clip.read_bytes()
    assert found["file"] == {
        "name": "street.y4m",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def test_real_footage_is_described(privmask: Privmask, footage: Callable[[str], Path]) -> None:
    assert "hevc" in privmask("probe", footage("tiny_h265_10bit.mp4")).out


def test_what_is_no_footage_is_refused(privmask: Privmask, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no footage\n" * 100)
    for path in (text, tmp_path, tmp_path / "missing.mp4"):
        done = privmask("probe", path)
        assert (done.code, done.out) == (6, "")
        assert "Traceback" not in done.err


@pytest.mark.parametrize("words", [["--json"], []])
def test_an_unknown_file_is_an_error_and_no_answer(words: list[str], process: Privmask) -> None:
    done = process("probe", "missing\x1b.mp4", *words)
    assert done.code == 6
    assert "\x1b" not in done.out + done.err
