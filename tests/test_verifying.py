"""Verification looks at the pictures: each tampering of a copy is named, an honest copy passes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest
import rfc8785

from privmask import Reading, Verdict, Writing, mask_clip, verify_copy
from privmask.video import hash_packets
from tests.plans import three_zones
from tests.video.clips import make_clip

PLAN = three_zones()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=20, gop=10)


@pytest.fixture
def copy(tmp_path: Path, clip: Path) -> Path:
    return mask_clip(clip, tmp_path / "copy.mp4", PLAN).copy


def failures(verdict: Verdict) -> dict[int, str]:
    return {check.number: check.reason for check in verdict.checks if check.outcome == "FAIL"}


def restate(copy: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite statement and sums as a forger would, so that only the pictures can tell."""
    path = Path(f"{copy}.provenance.json")
    statement = json.loads(path.read_bytes())
    sha256 = hashlib.sha256(copy.read_bytes()).hexdigest()
    statement["subject"][0]["digest"]["sha256"] = statement["predicate"]["copy"]["sha256"] = sha256
    statement["predicate"]["copy"]["bytes"] = copy.stat().st_size
    change(statement["predicate"])
    path.write_bytes(rfc8785.dumps(statement))
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in (copy, path)]
    Path(f"{copy}.SHA256SUMS").write_text("".join(lines))


def test_an_honest_copy_holds_with_and_without_its_original(copy: Path, clip: Path) -> None:
    assert verify_copy(copy, accept_unsigned=True).holds
    verdict = verify_copy(copy, original=clip, accept_unsigned=True)
    assert verdict.holds, failures(verdict)
    assert [check.number for check in verdict.checks] == list(range(1, 16))


def test_an_unsigned_copy_does_not_hold_by_itself(copy: Path) -> None:
    assert not verify_copy(copy).holds


@pytest.mark.parametrize(
    "settings",
    [
        {"codec": "hevc"},
        {"lossless": True},
        {"audio": "keep"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_copies_of_every_kind_hold(tmp_path: Path, settings: dict[str, Any]) -> None:
    sounding = make_clip(tmp_path / "clip.mkv", size=(96, 64), audio="aac", pts=[n * n * 512 for n in range(12)])
    copy = mask_clip(
        sounding, tmp_path / "copy.mkv", three_zones(start="0.1", end="0.9"), writing=Writing(**settings)
    ).copy
    verdict = verify_copy(copy, original=sounding, accept_unsigned=True)
    assert verdict.holds, failures(verdict)


def test_a_flipped_bit_is_found_in_the_bytes(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    assert 5 in failures(verify_copy(copy, accept_unsigned=True))


def test_a_copy_of_another_clip_fails_by_its_packets_even_when_restated(tmp_path: Path, copy: Path) -> None:
    other = make_clip(tmp_path / "other.mp4", size=(96, 64), frames=20, gop=10, options={"crf": "40"})
    shutil.copy(mask_clip(other, tmp_path / "second.mp4", PLAN).copy, copy)
    restate(copy, lambda _: None)
    assert "between 0.0" in failures(verify_copy(copy, accept_unsigned=True))[10]


def test_a_zone_that_is_not_hidden_is_named_even_when_everything_is_restated(tmp_path: Path, clip: Path) -> None:
    """A forger who puts the unmasked clip beside a statement about masks is told by the pictures alone."""
    lesser = mask_clip(clip, tmp_path / "copy.mp4", three_zones("Color"))
    full = mask_clip(clip, tmp_path / "full.mp4", PLAN)
    plan = json.loads(full.statement.read_bytes())["predicate"]

    def claim(predicate: dict[str, Any]) -> None:
        predicate.update({key: plan[key] for key in ("plan", "plan_sha256", "masks")})

    restate(lesser.copy, claim)
    assert "not hidden" in failures(verify_copy(lesser.copy, accept_unsigned=True))[12]


def test_another_original_is_not_taken_for_the_one_that_was_copied(tmp_path: Path, copy: Path) -> None:
    other = make_clip(tmp_path / "other.mp4", size=(96, 64), frames=20, options={"crf": "40"})
    assert 9 in failures(verify_copy(copy, original=other, accept_unsigned=True))


def test_added_sound_is_found_in_the_container(tmp_path: Path, copy: Path) -> None:
    sounding = make_clip(tmp_path / "sounding.mp4", size=(96, 64), audio="aac")
    richer = tmp_path / "richer.mp4"
    with av.open(str(copy)) as one, av.open(str(sounding)) as other, av.open(str(richer), "w") as out:
        parts = [(one, one.streams.video[0]), (other, other.streams.audio[0])]
        added_streams = [out.add_stream_from_template(stream) for _, stream in parts]
        for (source, stream), added in zip(parts, added_streams, strict=True):
            for packet in source.demux(stream):
                if packet.dts is not None:
                    packet.stream = added
                    out.mux(packet)
    richer.replace(copy)
    restate(copy, lambda _: None)
    assert "audio" in failures(verify_copy(copy, accept_unsigned=True))[11]


def test_pictures_that_an_edit_list_hides_are_found_even_when_everything_is_restated(tmp_path: Path, copy: Path) -> None:
    """They are decoded by nobody who plays the copy, and could be of anything."""
    cut = tmp_path / "cut.mp4"
    words = ["-v", "error", "-ss", "0.3", "-i", str(copy), "-c", "copy", "-fflags", "+bitexact", str(cut)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words], check=True)
    cut.replace(copy)
    with copy.open("rb", buffering=0) as file:
        found = hash_packets(file)
    gops = [{"start": str(gop.start), "packets": gop.packets, "sha256": gop.sha256} for gop in found.gops]

    def claim(predicate: dict[str, Any]) -> None:
        predicate["copy"].update(gops=gops, stream_sha256=found.stream_sha256)
        predicate["frames"]["out"] = found.packets

    restate(copy, claim)
    assert "never shown" in failures(verify_copy(copy, accept_unsigned=True))[10]


def test_a_wrong_count_of_frames_is_found_even_when_everything_is_restated(copy: Path) -> None:
    restate(copy, lambda predicate: predicate["frames"].update(out=21))
    assert "shows 20 frames, stated are 21" in failures(verify_copy(copy, accept_unsigned=True))[12]


def test_frames_hidden_whole_for_damage_are_verified_as_such(tmp_path: Path, footage: Callable[[str], Path]) -> None:
    """A stream without its first key frame: what cannot be decoded for certain is black, and the statement says when."""
    original = footage("idr_lost_144p.264")
    result = mask_clip(original, tmp_path / "copy.mp4", PLAN, reading=Reading(damaged="hide"))
    verdict = verify_copy(result.copy, original=original, accept_unsigned=True)
    assert verdict.holds, failures(verdict)
    whole = json.loads(result.statement.read_bytes())["predicate"]["reading"]["whole"]
    assert whole[0][0] == "0"
    assert any("hidden whole" in notice.en for notice in result.notices)
    with av.open(str(result.copy)) as film:
        pictures = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert pictures[0].max() < 24
    assert pictures[-1].max() > 100

    restate(result.copy, lambda predicate: predicate["reading"].update(whole=[]))
    assert 12 in failures(verify_copy(result.copy, accept_unsigned=True)), "nobody said that these were hidden whole"


def test_one_of_two_films_is_verified_against_the_right_one(tmp_path: Path) -> None:
    double = make_clip(tmp_path / "double.mp4", size=(96, 64), second_video=True)
    copy = mask_clip(double, tmp_path / "copy.mp4", PLAN, reading=Reading(stream=0)).copy
    verdict = verify_copy(copy, original=double, accept_unsigned=True)
    assert verdict.holds, failures(verdict)


def test_a_stated_plan_that_is_none_fails_and_is_no_fault_of_whoever_verifies(copy: Path) -> None:
    def claim(predicate: dict[str, Any]) -> None:
        predicate["plan"]["mask"][0]["token"] = "a\u202eb"
        predicate["plan_sha256"] = hashlib.sha256(rfc8785.dumps(predicate["plan"])).hexdigest()

    restate(copy, claim)
    assert "does not stand" in failures(verify_copy(copy, accept_unsigned=True))[12]
