"""The main function: what it leaves when all goes well, and that it leaves nothing when anything does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import pytest
from numpy.typing import NDArray

from privmask import (
    CopyError,
    EvidenceError,
    Mask,
    MaskPlan,
    PlanError,
    PrivmaskError,
    Progress,
    Reading,
    Result,
    Writing,
    copying,
    mask_clip,
)
from privmask.frame import Frame, MaskedFrame
from privmask.masks import Cover, hide
from privmask.verifying import verify_copy
from privmask.video import hash_packets
from tests.evidence.small import KEY, KnownKey
from tests.plans import polygon, three_zones
from tests.video.clips import make_clip

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAN = three_zones()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=20, gop=10)


def statement_of(result: Result) -> dict[str, Any]:
    predicate: dict[str, Any] = json.loads(result.statement.read_bytes())["predicate"]
    return predicate


def test_a_small_moving_clip_as_av1_passes_its_own_check(tmp_path: Path) -> None:
    """With the encoder's quicker presets, 7 to 9, the third frame comes out so badly that there is no copy."""
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=60)
    result = mask_clip(clip, tmp_path / "copy.mp4", PLAN, writing=Writing(codec="av1"))
    assert result.self_check is not None
    assert float(result.self_check.worst_residual) < 6


def joined(folder: Path, *kinds: Any) -> Path:
    """One film of several: interlaced as each of `kinds` says, with the pictures of each in their own headers."""
    with av.open(str(folder / "joined.mkv"), "w") as out:
        stream: Any = None
        for number, kind in enumerate(kinds):
            part = make_clip(folder / f"{number}.ts", codec="mpeg2video", size=(96, 64), interlaced=kind, b_frames=0)
            with av.open(str(part)) as container:
                video = container.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                packets = [packet for packet in container.demux(video) if packet.size]
                for index, packet in enumerate(packets):
                    packet.pts = packet.dts = 3600 * (number * len(packets) + index)
                    packet.stream = stream
                    out.mux(packet)
    return folder / "joined.mkv"


@pytest.mark.parametrize("kinds", [(None, "tff"), ("tff", None), (None, "bff")], ids=str)
def test_footage_that_is_interlaced_in_part_is_hidden_either_way_and_verifies(tmp_path: Path, kinds: Any) -> None:
    clip = joined(tmp_path, *kinds)
    copy = tmp_path / "copy.mp4"
    result = mask_clip(clip, copy, three_zones())
    assert "all are marked as interlaced" in " ".join(map(str, result.notices))
    assert verify_copy(copy, original=clip, accept_unsigned=True).holds
    with av.open(str(copy)) as container:
        assert all(frame.interlaced_frame for frame in container.decode(video=0))


def test_a_copy_stands_beside_all_that_proves_it(tmp_path: Path, clip: Path) -> None:
    before = clip.read_bytes(), clip.stat().st_mtime_ns
    result = mask_clip(clip, tmp_path / "copy.mp4", PLAN, signer=KEY)
    ends = ["", ".SHA256SUMS", ".how-to-check.txt", ".provenance.json", ".provenance.json.sig"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"copy.mp4{end}" for end in ends]
    made = (result.copy, result.note, result.statement, result.signature)
    assert made == tuple(tmp_path / f"copy.mp4{end}" for end in ("", *ends[2:]))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert (clip.read_bytes(), clip.stat().st_mtime_ns) == before
    assert result.frames == 20


def test_the_statement_is_signed_by_the_key_that_it_names(tmp_path: Path, clip: Path) -> None:
    result = mask_clip(clip, tmp_path / "copy.mp4", PLAN, signer=KEY)
    assert statement_of(result)["signer"] == {"key_id": KEY.key_id} == {"key_id": result.key_id}
    assert result.signature
    assert result.signature.read_bytes() == KEY.sign(result.statement.read_bytes())


def test_without_a_signer_a_copy_says_that_nobody_signed_it(tmp_path: Path, clip: Path) -> None:
    result = mask_clip(clip, tmp_path / "copy.mp4", PLAN)
    assert (result.signature, result.key_id) == (None, None)
    said = statement_of(result)
    assert (said["signed"], said["unsigned_because"]) == (False, "no signer was given")
    assert not (tmp_path / "copy.mp4.provenance.json.sig").exists()
    assert result.note
    assert "nobody signed" in result.note.read_text()


def refuses(_message: bytes) -> bytes:
    raise EvidenceError("the card was taken out")


def breaks(_message: bytes) -> bytes:
    raise ZeroDivisionError


SIGNERS: dict[str, tuple[Callable[[bytes], bytes], type[Exception]]] = {
    "refuses": (refuses, EvidenceError),
    "breaks": (breaks, ZeroDivisionError),
    "signs nothing": (lambda _: b"", EvidenceError),
    "writes rubbish": (lambda message: message, EvidenceError),
    "signs something else": (lambda message: KEY.sign(message + b" "), EvidenceError),
    "signs with another key": (KnownKey(1).sign, EvidenceError),
}


@pytest.mark.parametrize(("sign", "raised"), SIGNERS.values(), ids=SIGNERS.keys())
def test_a_signer_that_fails_leaves_no_copy(
    sign: Callable[[bytes], bytes], raised: type[Exception], tmp_path: Path, clip: Path
) -> None:
    class Broken(KnownKey):
        def sign(self, message: bytes) -> bytes:
            return sign(message)

    with pytest.raises(raised):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN, signer=Broken())
    assert list(tmp_path.iterdir()) == []


def test_a_signer_that_changes_its_key_meanwhile_leaves_no_copy(tmp_path: Path, clip: Path) -> None:
    class Turncoat(KnownKey):
        def sign(self, message: bytes) -> bytes:
            self.key_id = KnownKey(1).key_id
            return KnownKey(1).sign(message)

    with pytest.raises(EvidenceError, match="is not that of"):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN, signer=Turncoat())
    assert list(tmp_path.iterdir()) == []


def test_the_statement_says_what_was_done(tmp_path: Path, clip: Path) -> None:
    said = statement_of(mask_clip(clip, tmp_path / "copy.mp4", PLAN, clock=lambda: NOON))
    assert said["clock"] == "2026-11-23T12:00:00.000Z"
    assert said["frames"] == {"in": 20, "out": 20}
    assert said["original"]["sha256_before"] == said["original"]["sha256_after"]
    assert [mask["type"] for mask in said["masks"]] == ["Color", "Pixelated", "Blurred"]
    assert said["plan"] == json.loads(json.dumps(PLAN.as_data()))
    assert sum(gop["packets"] for gop in said["copy"]["gops"]) == 20
    assert said["self_check"]["frames"] == 20
    assert {"privmask", "av", "ffmpeg", "numba", "numpy", "python"} <= said["tool"].keys()


def test_the_statement_says_when_each_mask_held(tmp_path: Path, clip: Path) -> None:
    timed = three_zones(start="0.1", end="0.3")
    said = statement_of(mask_clip(clip, tmp_path / "copy.mp4", timed))
    assert said["masks"][0]["shown"] == [["2/25", "8/25"]], "frames of 1/25 s whose time meets 0.1…0.3 s"


def test_left_out_checks_are_stated(tmp_path: Path, clip: Path) -> None:
    result = mask_clip(clip, tmp_path / "copy.mp4", PLAN, self_check=False)
    assert result.self_check is None
    assert statement_of(result)["self_check"] == "not run"


def test_everything_that_was_found_is_stated_with_what_was_done(tmp_path: Path) -> None:
    rich = make_clip(
        tmp_path / "rich.mp4",
        size=(96, 64),
        audio="aac",
        cover=True,
        subtitle=True,
        chapters=True,
        tags={"title": "private"},
    )
    streams = statement_of(mask_clip(rich, tmp_path / "copy.mp4", PLAN))["streams"]
    done = {stream["kind"]: stream["done"] for stream in streams}
    assert done.pop("video") == "masked"
    assert done.keys() == {"audio", "cover", "subtitle", "chapters", "tags", "data"}, (
        "MP4 keeps the chapters' names as data"
    )
    assert set(done.values()) == {"dropped"}
    with av.open(str(tmp_path / "copy.mp4")) as copy:
        assert [stream.type for stream in copy.streams] == ["video"]
    assert b"private" not in (tmp_path / "copy.mp4").read_bytes()


def test_kept_audio_is_a_choice_with_a_name(tmp_path: Path) -> None:
    sounding = make_clip(tmp_path / "sounding.mp4", size=(96, 64), audio="aac")
    result = mask_clip(sounding, tmp_path / "copy.mp4", PLAN, writing=Writing(audio="keep"))
    done = {stream["kind"]: stream["done"] for stream in statement_of(result)["streams"]}
    assert done["audio"] != "dropped"
    with av.open(str(tmp_path / "copy.mp4")) as copy:
        assert [stream.type for stream in copy.streams] == ["video", "audio"]


def test_progress_is_told_frame_by_frame_in_both_stages(tmp_path: Path, clip: Path) -> None:
    told: list[Progress] = []
    mask_clip(clip, tmp_path / "copy.mp4", PLAN, progress=told.append)
    assert [p.frames for p in told if p.stage == "masking"] == list(range(1, 21))
    assert [p.frames for p in told if p.stage == "checking"] == list(range(1, 21))
    assert {p.total for p in told} == {20}


def test_an_interrupt_leaves_nothing(tmp_path: Path, clip: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.frames == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_clip_with_several_films_is_refused_until_one_is_named(tmp_path: Path) -> None:
    double = make_clip(tmp_path / "double.mp4", size=(96, 64), second_video=True)
    with pytest.raises(PrivmaskError, match=r"stream 0.*stream 1"):
        mask_clip(double, tmp_path / "copy.mp4", PLAN)
    result = mask_clip(double, tmp_path / "copy.mp4", PLAN, reading=Reading(stream=0))
    assert [s["done"] for s in statement_of(result)["streams"] if s["kind"] == "video"] == ["masked", "dropped"]


def test_a_name_without_a_known_suffix_is_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"\.mp4, \.mkv"):
        mask_clip(tmp_path / "nothing.mp4", tmp_path / "copy.doc", PLAN)


# The self-check must bite: each of these breaks the corridor on purpose.


def break_hiding(monkeypatch: pytest.MonkeyPatch, spoil: Any) -> None:
    monkeypatch.setattr(copying, "hide", spoil)


def test_one_frame_that_was_not_hidden_makes_no_copy(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget_one(frame: Frame, cover: Cover) -> MaskedFrame:
        return MaskedFrame(frame) if frame.index == 7 else hide(frame, cover)

    break_hiding(monkeypatch, forget_one)
    with pytest.raises(CopyError, match=r"frame 7 .*not hidden"):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN)
    assert list(tmp_path.iterdir()) == []


def test_a_dark_zone_that_was_not_filled_with_black_makes_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By night what is private differs little from the fill; a look at single cells would take it for the encoder's loss."""

    def night(_frame: int, planes: list[NDArray[Any]]) -> None:
        planes[0][:] = 20 + planes[0] // 64
        planes[1][:] = planes[2][:] = 128

    dark = make_clip(tmp_path / "dark.mp4", size=(96, 64), private=night)
    folder = tmp_path / "out"
    folder.mkdir()
    whole = MaskPlan((Mask("all", polygon("0,0 1,0 1,1 0,1")),))
    break_hiding(monkeypatch, lambda frame, _cover: MaskedFrame(frame))
    with pytest.raises(CopyError, match="not hidden"):
        mask_clip(dark, folder / "copy.mp4", whole)


def test_a_change_outside_the_masks_makes_no_copy(tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scratch(frame: Frame, cover: Cover) -> MaskedFrame:
        masked = hide(frame, cover)
        frame.planes[0].samples[:8, -40:] = 16
        return masked

    break_hiding(monkeypatch, scratch)
    with pytest.raises(CopyError, match=r"outside the masks"):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN)


def test_the_change_of_a_single_public_sample_makes_no_lossless_copy(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nudge(frame: Frame, cover: Cover) -> MaskedFrame:
        masked = hide(frame, cover)
        frame.planes[0].samples[0, 95] ^= 1
        return masked

    break_hiding(monkeypatch, nudge)
    with pytest.raises(CopyError, match="lossless"):
        mask_clip(clip, tmp_path / "copy.mkv", PLAN, writing=Writing(lossless=True))


@pytest.mark.parametrize("change", [{"packets": 19}, {"packets": 21}, {"hidden": 1}], ids=str)
def test_a_file_that_holds_other_packets_than_were_written_is_no_copy(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.setattr(copying, "hash_packets", lambda file: replace(hash_packets(file), **change))
    with pytest.raises(CopyError, match="20 frames were written"):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN, self_check=False)
    assert list(tmp_path.iterdir()) == []
