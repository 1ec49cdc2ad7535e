"""Whatever goes wrong, and wherever: the job ends at once, no thread goes on, no file is left."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from av.container import OutputContainer

from privmask import CopyError, DetectorError, EvidenceError, Looking, Progress, Writing, copying, mask_clip
from privmask.geometry import Box
from privmask.masks import DynamicMask, MaskPlan, comparing
from privmask.video import Sink, formats, original
from privmask.video.muxing import ClipOutput
from privmask.video.sections import Sections
from privmask.workers import Stopped
from tests.evidence.small import KEY
from tests.finders import Scripted, finder
from tests.plans import three_zones
from tests.video.clips import make_clip

AT_ONCE = 1.0  # seconds from what goes wrong until nobody is at work any more
PLAN = three_zones()
BEGINS_LATE = three_zones("Color", start="1.2")
FACES = MaskPlan((), dynamic=(DynamicMask("face"),))
LOOKING = Looking(finder=finder(Scripted({n: Box(40, 40, 90, 100) for n in range(5, 60)})))
IN_SECTIONS = Writing(sections=Sections(seconds=1, frames=10))

Break = Callable[[Any, str, BaseException], None]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(320, 240), frames=60, gop=10, b_frames=2)


@pytest.fixture
def broken_at() -> list[float]:
    """When it went wrong."""
    return []


@pytest.fixture
def break_down(monkeypatch: pytest.MonkeyPatch, broken_at: list[float]) -> Break:
    """Has a function work a few times, and then raise."""

    def staged(owner: Any, name: str, error: BaseException) -> None:
        sound, calls = getattr(owner, name), []

        def failing(*words: Any, **more: Any) -> Any:
            calls.append(1)
            if len(calls) > 12 and not broken_at:
                broken_at.append(time.monotonic())
                raise error
            return sound(*words, **more)

        monkeypatch.setattr(owner, name, failing)

    return staged


def nobody_is_at_work() -> bool:
    return not any(each.name.startswith("privmask") for each in threading.enumerate())


STAGES = {
    "the decoder's thread": (original, "copied"),
    "the painting": (copying, "hide"),
    "the encoder's thread": (ClipOutput, "_picture"),
    "the queue to it": (Sink, "write"),
    "the muxer": (OutputContainer, "mux"),
    "the second decoding": (original, "viewed"),
    "the comparing": (comparing, "_difference"),
}
ERRORS = {
    "a full disk": OSError(errno.ENOSPC, "No space left on device"),
    "a fault of ours": RuntimeError("a fault"),
    "no memory": MemoryError(),
    "Ctrl-C": KeyboardInterrupt(),
}


@pytest.mark.parametrize("plan", [PLAN, BEGINS_LATE, FACES], ids=["all painted", "some groups pass", "faces"])
@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_an_error_at_any_stage_ends_all_of_them(
    tmp_path: Path,
    clip: Path,
    break_down: Break,
    broken_at: list[float],
    stage: tuple[Any, str],
    error: BaseException,
    plan: MaskPlan,
) -> None:
    break_down(*stage, error)
    with pytest.raises((CopyError, type(error))):
        mask_clip(clip, tmp_path / "copy.mp4", plan, writing=IN_SECTIONS, looking=LOOKING)
    assert broken_at, "it never went wrong"
    assert time.monotonic() - broken_at[0] < AT_ONCE
    assert nobody_is_at_work()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["masking", "checking"])
@pytest.mark.parametrize("frame", [1, 30, 60])
def test_a_caller_that_raises_while_it_is_told_how_far_the_job_is_ends_it(
    tmp_path: Path, clip: Path, stage: str, frame: int
) -> None:
    def tell(progress: Progress) -> None:
        if (progress.stage, progress.frames) == (stage, frame):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN, progress=tell)
    assert nobody_is_at_work()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [DetectorError("it broke"), KeyboardInterrupt()], ids=["an error", "Ctrl-C"])
def test_a_search_that_breaks_ends_the_job(
    tmp_path: Path, clip: Path, break_down: Break, broken_at: list[float], error: BaseException
) -> None:
    break_down(Scripted, "detect", error)
    with pytest.raises(type(error)):
        mask_clip(clip, tmp_path / "copy.mp4", FACES, looking=LOOKING)
    assert time.monotonic() - broken_at[0] < AT_ONCE
    assert nobody_is_at_work()
    assert list(tmp_path.iterdir()) == []


class Unwilling:
    """A key whose owner says no when it comes to signing."""

    key_id = KEY.key_id

    def sign(self, _message: bytes) -> bytes:
        raise EvidenceError("the card was pulled out")


def test_a_signature_that_fails_leaves_neither_thread_nor_file(tmp_path: Path, clip: Path) -> None:
    with pytest.raises(EvidenceError, match="pulled out"):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN, signer=Unwilling())
    assert nobody_is_at_work()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("plan", [PLAN, BEGINS_LATE], ids=["all painted", "some groups pass"])
def test_ctrl_c_does_not_wait_for_what_a_slow_encoder_still_holds(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch, plan: MaskPlan
) -> None:
    """With the slow presets that is sixty frames, and at 4K a minute's work."""
    came = []
    left = ClipOutput._left

    def interrupted(output: ClipOutput) -> Iterator[Any]:
        for packet in left(output):
            came.append(packet)
            if len(came) == 3:
                raise KeyboardInterrupt
            yield packet

    monkeypatch.setattr(ClipOutput, "_left", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mask_clip(clip, tmp_path / "copy.mp4", plan, writing=Writing(preset="slower"))
    assert len(came) == 3
    assert nobody_is_at_work()
    assert list(tmp_path.iterdir()) == []


def test_an_encoder_whose_copy_is_given_up_stops_between_two_packets(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that encodes may just be ending a section, of which much is left, when the others stop."""
    seen: list[int] = []
    add = ClipOutput._end_section

    def given_up(output: ClipOutput) -> None:
        output.given_up.set()
        seen.append(output.packets)
        with pytest.raises(Stopped):
            add(output)
        seen.append(output.packets)
        raise Stopped

    monkeypatch.setattr(ClipOutput, "_end_section", given_up)
    with pytest.raises(Stopped):
        mask_clip(clip, tmp_path / "copy.mp4", PLAN)
    assert seen[0] == seen[1] < 60
    assert nobody_is_at_work()
    assert list(tmp_path.iterdir()) == []


def test_no_queue_grows_while_the_encoder_is_slow(tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-pressure: while the encoder stands still at its first frame, the decoder goes some frames ahead and then waits."""
    decoded: list[int] = []
    many = threading.Event()
    copied, take = formats.copied, ClipOutput.take

    def count(*words: Any) -> Any:
        decoded.append(1)
        if len(decoded) > 9:  # two queues of two, and one frame in each hand
            many.set()
        return copied(*words)

    def stand_still(output: ClipOutput, frame: Any) -> None:
        if frame.index == 0:
            assert not many.wait(0.5), "more frames are decoded than anybody waits for"
        take(output, frame)

    monkeypatch.setattr(original, "copied", count)
    monkeypatch.setattr(ClipOutput, "take", stand_still)
    mask_clip(clip, tmp_path / "copy.mp4", PLAN, self_check=False)
    assert len(decoded) == 60
