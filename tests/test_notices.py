"""Every kind of notice, staged for real: a clerk reads it in Japanese, and programs and statements have its English words."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import time
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from privmask import Looking, Mask, MaskPlan, Reading, Writing, detect_clip, mask_clip
from privmask.evidence import draft_copy, keep_custody
from privmask.geometry import Box
from privmask.language import Text
from privmask.masks import DynamicMask, Keep, notices
from privmask.masks.imports import as_onvif
from privmask.reporting import verify_with_report
from privmask.verifying import verify_copy
from tests.bilingual import faults
from tests.finders import Scripted, finder
from tests.plans import polygon, three_zones
from tests.video.clips import make_clip

Staged: TypeAlias = Callable[..., Sequence[Text]]

ZONE = Mask("window", polygon("0,0 1/2,0 1/2,1/2"))
FACES = MaskPlan((ZONE,), dynamic=(DynamicMask("face"),))
FACE = {3: Box(16, 20, 32, 40)}


ALONE = MaskPlan((ZONE,))


def masked(folder: Path, plan: MaskPlan = ALONE, copy: str = "copy.mp4", **what: Any) -> Sequence[Text]:
    """The notices of masking a clip; `what` goes to whoever knows the word."""
    how = {name: what.pop(name) for name in ("writing", "reading", "looking") if name in what}
    clip = make_clip(folder / what.pop("clip", "clip.mp4"), **{"size": (96, 64), **what})
    result = mask_clip(clip, folder / copy, plan, **how)
    stated = json.loads(result.statement.read_bytes())["predicate"]["notices"]
    assert stated == list(result.as_data()["notices"]) == [notice.en for notice in result.notices]
    return result.notices


def of_plan(folder: Path, _footage: Any) -> Sequence[Text]:
    off, beyond = (
        replace(ZONE, token="off", enabled=False),
        replace(ZONE, token="beyond", polygon=polygon("0,0 2,0 1,1")),
    )
    poster = (Keep("A", "a poster", polygon=polygon("0,0 1,0 1,1 0,1")),)
    applicant = replace(FACES, keep=(Keep("B", "asked for it", track=1),))
    moving = (DynamicMask("plate", enabled=False), DynamicMask("face"))
    plan = MaskPlan((ZONE, off, beyond), dynamic=moving, keep=poster)
    return (*masked(folder, plan, looking=Looking(finder=finder(Scripted(FACE)))), *notices(applicant))


def of_hours(folder: Path, _footage: Any) -> Sequence[Text]:
    return masked(folder, MaskPlan((replace(ZONE, hours=((time(18), time(6)),)),)))


def of_finds(folder: Path, _footage: Any) -> Sequence[Text]:
    return masked(folder, FACES, looking=Looking(finder=finder(Scripted(FACE))))


def of_no_finds(folder: Path, _footage: Any) -> Sequence[Text]:
    return masked(folder, FACES, looking=Looking(finder=finder(Scripted({}))))


def of_frames_that_were_not_searched(folder: Path, _footage: Any) -> Sequence[Text]:
    clip = make_clip(folder / "clip.mp4", size=(96, 64))
    finds = finder(Scripted({}, broken=(7,)))
    found = detect_clip(clip, FACES, finder=finds, reading=Reading(damaged="hide"))
    assert found.as_data()["notices"] == [notice.en for notice in found.notices]
    return found.notices


def of_an_open_file_system(folder: Path, _footage: Any) -> Sequence[Text]:
    clip = make_clip(folder / "clip.mp4")
    with pytest.MonkeyPatch.context() as patched, keep_custody(clip) as custody:
        patched.setattr("privmask.evidence.hidden.HiddenFile.make_private", lambda _file: False)
        with draft_copy(folder / "copy.mp4", original=custody) as draft:
            return draft.notices


def of_rounded_times(folder: Path, _footage: Any) -> Sequence[Text]:
    return masked(folder, copy="copy.mkv", pts=[0, 13, 5000, 5100])


def of_another_codec(folder: Path, _footage: Any) -> Sequence[Text]:
    odd = masked(folder, clip="odd.mkv", copy="odd.mp4", codec="ffv1", size=(65, 49))
    gray = masked(folder, clip="gray.mkv", copy="gray.mp4", fmt="gray", codec="ffv1", size=(97, 65))
    lossless = Writing(lossless=True)
    narrow = masked(folder, clip="narrow.mp4", copy="narrow.mkv", sar=Fraction(16, 11), writing=lossless)
    return (*odd, *gray, *narrow)


def of_counted_times(folder: Path, _footage: Any) -> Sequence[Text]:
    return masked(folder, clip="clip.h264", b_frames=0)


def of_mixed_fields(folder: Path, _footage: Any) -> Sequence[Text]:
    from tests.test_copying import joined

    return mask_clip(joined(folder, None, "tff"), folder / "copy.mp4", three_zones()).notices


def of_damage(folder: Path, footage: Callable[[str], Path]) -> Sequence[Text]:
    clip = footage("idr_lost_144p.264")
    return mask_clip(clip, folder / "copy.mp4", three_zones(), reading=Reading(damaged="hide")).notices


def of_a_cut_file(folder: Path, _footage: Any) -> Sequence[Text]:
    clip = make_clip(folder / "clip.ts", b_frames=0, frames=30, gop=6)
    clip.write_bytes(clip.read_bytes()[:-300])
    return mask_clip(clip, folder / "copy.mp4", three_zones(), reading=Reading(damaged="hide")).notices


def of_nothing_to_compare(folder: Path, _footage: Any) -> Sequence[Text]:
    clip = make_clip(folder / "clip.mp4")
    copy = mask_clip(clip, folder / "copy.mp4", three_zones()).copy
    copy.write_bytes(b"no film")
    return verify_with_report(
        lambda watch: verify_copy(copy, original=clip, accept_unsigned=True, watch=watch),
        copy,
        heatmap=folder / "heat.png",
        clock=lambda: pytest.fail("no report was asked for"),
    ).notices


def of_what_cameras_cannot(_folder: Path, _footage: Any) -> Sequence[Text]:
    return as_onvif(MaskPlan((replace(ZONE, start=Fraction(3)),)))[1]


STAGES: dict[Staged, tuple[str, ...]] = {
    of_plan: (
        "is not enabled",
        "is clipped",
        "leaves track 1",
        "leaves everything inside",
        "dynamic[1] 'plate' is not enabled",
    ),
    of_hours: ("at every hour",),
    of_finds: ("1 face tracks were found",),
    of_no_finds: ("no tracks were found",),
    of_frames_that_were_not_searched: ("1 frame could not be searched",),
    of_an_open_file_system: ("keeps no permissions",),
    of_rounded_times: ("time stamps are rounded",),
    of_another_codec: ("no odd sizes", "no pixel format gray", "not square"),
    of_counted_times: ("no time stamps",),
    of_mixed_fields: ("marked as interlaced",),
    of_damage: ("hidden whole",),
    of_a_cut_file: ("hidden whole: frame",),
    of_nothing_to_compare: ("no heat map was written",),
    of_what_cameras_cannot: ("cannot be said in ONVIF",),
}


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_a_notice_is_in_both_languages(stage: Staged, tmp_path: Path, footage: Callable[[str], Path]) -> None:
    told = stage(tmp_path, footage)
    for words in STAGES[stage]:
        assert any(words in notice.en for notice in told), (words, told)
    assert [fault for notice in told for fault in faults(notice)] == []


def test_what_is_in_one_language_only_would_be_found() -> None:
    for bad in (
        "hidden",
        Text("hidden", "hidden"),
        Text("全部 hidden whole at frame 3", "hidden"),
        Text("隠す", "隠す"),
    ):
        assert faults(bad)
    assert not faults(Text("コマ 3 を隠しました", "frame 3 was hidden"))
