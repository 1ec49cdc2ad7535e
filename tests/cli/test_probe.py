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


def test_a_clerk_reads_it_in_japanese_and_a_program_reads_the_same_json(
    privmask: Privmask, footage: Callable[[str], Path]
) -> None:
    clip = footage("two_videos_nasa.mp4")
    done = privmask("--lang", "ja", "probe", clip)
    assert "  0  映像  h264  320x180, 見出しでは 325 コマ\n" in done.out
    assert "映像が2本あります（0番は h264 320x180、3番は" in done.err
    assert "表示の大きさ             480 270\n" in privmask("--lang", "ja", "probe", clip, "--stream", "3").out
    for words in ((clip,), (clip, "--stream", "3")):
        as_json = [privmask("--lang", each, "probe", *words, "--json").out for each in ("ja", "en")]
        assert as_json[0] == as_json[1]
        assert as_json[0].isascii()


def test_real_footage_is_described(privmask: Privmask, footage: Callable[[str], Path]) -> None:
    assert "hevc" in privmask("probe", footage("tiny_h265_10bit.mp4")).out


def test_what_is_no_footage_is_refused(privmask: Privmask, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no footage\n" * 100)
    for path in (text, tmp_path, tmp_path / "missing.mp4"):
        done = privmask("probe", path)
        assert (done.code, done.out) == (6, "")
        assert done.err.startswith("privmask: ")
        assert privmask("probe", path, "--json").data["exit_code"] == 6


def test_what_cannot_be_masked_is_described_and_the_reason_is_said(
    privmask: Privmask, footage: Callable[[str], Path]
) -> None:
    clip = footage("two_videos_nasa.mp4")
    done = privmask("probe", clip)
    assert done.code == 6
    assert "325 frames" in done.out
    assert "2 video streams" in done.err
    told = privmask("probe", clip, "--json").data
    assert told["exit_code"] == 6
    assert "2 video streams" in told["error"]["message"]
    assert len(told["streams"]) > 2
    assert privmask("probe", clip, "--stream", "0").code == 0


@pytest.mark.parametrize("words", [["--json"], []])
def test_an_unknown_file_is_an_error_and_no_answer(words: list[str], process: Privmask) -> None:
    done = process("probe", "missing\x1b.mp4", *words)
    assert done.code == 6
    assert "\x1b" not in done.out + done.err
