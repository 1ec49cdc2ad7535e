"""Fifty honest copies, of which none may fail: codecs, containers, layouts, times, turns, masks that move and that do not.

Each is made, signed, and verified without its original and with it. `HONEST` is all of them; the quick ones are in the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av

from privmask import Looking, MaskPlan, Reading, Verdict, Writing, mask_clip, verify_copy
from privmask.evidence.allowed import AllowedSigner, allowed_line
from privmask.evidence.names import TRACKS
from privmask.geometry import Box
from privmask.masks import DynamicMask, Follow
from tests.finders import Scripted, finder
from tests.plans import three_zones
from tests.tampering.scene import KEY, NOON, OFFICE
from tests.video.clips import make_clip

Find: TypeAlias = Callable[[str], Path]
"""Where a clip or still of the shared footage lies."""

Source: TypeAlias = Callable[[Path, Find], Path]
"""Makes an original in a folder."""

SMALL = (96, 64)
_WALKING = {index: Box(20 + index, 20, 32 + index, 36) for index in range(20)}
_MOVING = MaskPlan(three_zones().masks, dynamic=(DynamicMask("face"),), follow=Follow(Fraction(1, 5), Fraction(1, 5)))


@dataclass(frozen=True, slots=True)
class Honest:
    """One honest copy: its name says what is special about it; `made` is what `mask_clip` is asked for besides."""

    name: str
    source: Source
    suffix: str = ".mp4"
    plan: MaskPlan = field(default_factory=three_zones)
    made: dict[str, Any] = field(default_factory=dict)
    signed: bool = True
    quick: bool = False
    owner: bool = True


def complaints(case: Honest, folder: Path, find: Find) -> Iterator[str]:
    """Make the copy in the empty `folder`, verify it; whatever does not hold, in words."""
    original, copy = case.source(folder, find), folder / f"copy{case.suffix}"
    signer = KEY if case.signed else None
    mask_clip(original, copy, case.plan, signer=signer, clock=lambda: NOON, **case.made)
    allowed = folder / "allowed_signers"
    allowed.write_text(allowed_line(AllowedSigner(OFFICE, KEY.public)) + "\n")
    if not case.owner:
        Path(f"{copy}{TRACKS}").unlink()
    trust: dict[str, Any] = {"allowed_signers": allowed, "accept_unsigned": not case.signed}
    yield from _of(verify_copy(copy, **trust), "alone")
    if case.owner:
        yield from _of(verify_copy(copy, original=original, **trust), "with its original")


def _of(verdict: Verdict, how: str) -> Iterator[str]:
    failed = [
        f"{how}: {check.number} {check.name}: {check.reason}" for check in verdict.checks if check.outcome == "FAIL"
    ]
    yield from failed
    if not failed and not verdict.holds:
        yield f"{how}: it does not hold, and nothing failed"


def drawn(suffix: str = ".mkv", **what: Any) -> Source:
    """A drawn clip; what is not said is as in `SMALL`, 20 frames, groups of 10."""
    return lambda folder, _: make_clip(folder / f"clip{suffix}", **{"size": SMALL, "frames": 20, "gop": 10, **what})


def cut(name: str, packets: int) -> Source:
    """The first packets of a clip of the footage, as they are."""

    def source(folder: Path, find: Find) -> Path:
        clip = find(name)
        made = folder / f"clip{clip.suffix}"
        with av.open(str(clip)) as whole, av.open(str(made), "w", format=_MUXER[clip.suffix]) as out:
            streams = {s.index: out.add_stream_from_template(s) for s in whole.streams if s.type in ("video", "audio")}
            left = dict.fromkeys(streams, packets)
            for packet in whole.demux([s for s in whole.streams if s.index in streams]):
                if packet.size and left[packet.stream.index]:
                    left[packet.stream.index] -= 1
                    packet.stream = streams[packet.stream.index]
                    out.mux(packet)
        return made

    return source


_MUXER = {".mp4": "mp4", ".mkv": "matroska", ".avi": "avi", ".264": "h264", ".mpg": "mpeg"}


def whole(name: str) -> Source:
    """A clip or still of the footage as it is."""
    return lambda _, find: find(name)


def _writing(**words: Any) -> dict[str, Any]:
    return {"writing": Writing(**words)}


def _looking(**words: Any) -> dict[str, Any]:
    return {"looking": Looking(finder=finder(Scripted(_WALKING)), **words)}


_RICH: dict[str, Any] = {
    "audio": "aac",
    "tags": {"title": "front door"},
    "chapters": True,
    "subtitle": True,
    "cover": True,
}
_UNEVEN = [n * n * 512 + 512 for n in range(12)]
_HDR: dict[str, Any] = {"codec": "hevc", "fmt": "yuv420p10le", "color": (1, 9, 16, 9)}
_TWO: dict[str, Any] = {"reading": Reading(stream=0), "writing": Writing(audio="keep")}
_NIGHT: dict[str, Any] = {"recorded_at": datetime(2026, 11, 23, 17, 59, 59, 500000, tzinfo=UTC)}


def _at_night() -> MaskPlan:
    """The zones from six to six, on a clip that begins half a second before."""
    return MaskPlan(tuple(replace(mask, hours=((time(18), time(6)),)) for mask in three_zones().masks))


HONEST: tuple[Honest, ...] = (
    # what the original is
    Honest("h264 in mp4", drawn(".mp4"), quick=True),
    Honest("h264 in mov, to a transport stream", drawn(".mov", audio="aac"), ".ts", made=_writing(audio="keep")),
    Honest("hevc", drawn(codec="hevc")),
    Honest("av1", drawn(codec="av1")),
    Honest("vp9 in webm", drawn(".webm", codec="vp9")),
    Honest("mpeg2 in a transport stream", drawn(".ts", codec="mpeg2video", size=(96, 80)), ".ts"),
    Honest("mpeg4 in avi", drawn(".avi", codec="mpeg4", options={"b": "4000000"})),
    Honest("h264 without a container", drawn(".264")),
    Honest("raw video", drawn(".y4m", codec="rawvideo")),
    # what the copy is
    Honest("to matroska", drawn(), ".mkv", quick=True),
    Honest("to hevc", drawn(), made=_writing(codec="hevc"), quick=True),
    Honest("to hevc in a transport stream", drawn(), ".ts", made=_writing(codec="hevc"), quick=True),
    Honest("to av1", drawn(), made=_writing(codec="av1")),
    Honest("to av1 in matroska", drawn(), ".mkv", made=_writing(codec="av1")),
    Honest("to ffv1", drawn(), ".mkv", made=_writing(codec="ffv1"), quick=True),
    Honest("without loss", drawn(), made=_writing(lossless=True), quick=True),
    Honest("without loss in hevc", drawn(), ".mkv", made=_writing(lossless=True, codec="hevc")),
    Honest("sound kept", drawn(audio="aac"), made=_writing(audio="keep"), quick=True),
    Honest("one of two films, both sounds kept", cut("two_videos_nasa.mp4", 40), ".mkv", made=_TWO, quick=True),
    Honest("sound, tags, chapters, subtitles and cover dropped", drawn(".mp4", **_RICH), quick=True),
    Honest("unsigned", drawn(), signed=False, quick=True),
    # layouts
    Honest("4:2:2", drawn(fmt="yuv422p")),
    Honest("4:4:4", drawn(fmt="yuv444p")),
    Honest("grey", drawn(fmt="gray", codec="ffv1"), ".mkv"),
    Honest("red, green, blue", drawn(".mov", codec="png", fmt="rgb24"), ".mkv"),
    Honest("10 bits", drawn(fmt="yuv420p10le")),
    Honest("10 bits of 4:2:2 in hevc", drawn(fmt="yuv422p10le", codec="hevc"), made=_writing(codec="hevc")),
    Honest("high dynamic range", drawn(**_HDR), made=_writing(codec="hevc"), quick=True),
    Honest("full range", drawn(fmt="yuvj420p")),
    Honest("odd sizes", drawn(fmt="yuv444p", size=(97, 65))),
    Honest("oblong samples", drawn(sar=Fraction(4, 3))),
    # times, fields and turns
    Honest("interlaced, upper field first", drawn(interlaced="tff"), quick=True),
    Honest("interlaced, lower field first", drawn(interlaced="bff"), ".mkv"),
    Honest("variable rate", drawn(".mp4", pts=_UNEVEN), quick=True),
    Honest("variable rate in milliseconds", drawn(".mp4", pts=_UNEVEN), ".mkv"),
    Honest("turned by 90 degrees", drawn(".mp4", rotation=90), quick=True),
    Honest("turned by 180 degrees", drawn(".mp4", rotation=180), ".mkv"),
    Honest("a schedule in seconds", drawn(), plan=three_zones(start="0.2", end="0.5")),
    Honest("a schedule in hours of the day", drawn(), plan=_at_night(), made=_NIGHT),
    # moving masks and stills
    Honest("moving masks", drawn(), plan=_MOVING, made=_looking(), quick=True),
    Honest("moving masks, for a recipient", drawn(), plan=_MOVING, made=_looking(two_pass=True), owner=False),
    Honest("a drawn picture", drawn(".png", codec="png", fmt="rgb24", frames=1), ".png", quick=True),
    Honest("a photograph", whole("city_crossing.jpg"), ".jpg"),
    # footage
    Honest("foreman_cif.264", cut("foreman_cif.264", 30)),
    Honest("crossing_fullrange_1080p.264", cut("crossing_fullrange_1080p.264", 10)),
    Honest("asl_walk_480p.mkv", cut("asl_walk_480p.mkv", 40), ".mkv"),
    Honest("vtest_msmpeg4v3.avi", cut("vtest_msmpeg4v3.avi", 15)),
    Honest("plot_mpeg1_ps.mpg", cut("plot_mpeg1_ps.mpg", 25)),
    Honest("vfr_444.mp4", cut("vfr_444.mp4", 60), ".mkv"),
    Honest("damaged, hidden where it is", whole("idr_lost_144p.264"), made={"reading": Reading(damaged="hide")}),
)
