"""Each finished segment is masked exactly once, in its order, whatever happens meanwhile."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from privmask.batch import Job
from privmask.batch.masking import mask_job
from privmask.errors import OriginalChangedError, PlanError
from privmask.evidence import PROVENANCE, read_statement
from privmask.masks import MaskPlan
from privmask.recorders import judging, records
from privmask.recorders.ledger import Ledger
from privmask.recorders.recorder import Segment
from privmask.verifying import verify_copy
from tests.batch.made import PLAN, small_clip
from tests.plans import three_zones
from tests.recorders.watching import Watched, watch
from tests.video.clips import make_clip


class Killed(BaseException):
    """What ends a watch at once, as kill -9 does."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rec").mkdir()
    return tmp_path / "rec"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def segment(folder: Path, name: str, seed: int = 0) -> Path:
    """A segment of a few hundred kilobytes less; another seed makes other bytes, of another size."""
    return small_clip(folder / name, seed=10**seed)


def copies(out: Path) -> list[str]:
    """The copies that stand, all of them verified against nothing but themselves."""
    found = sorted(path for path in out.rglob("*") if path.suffix in (".mp4", ".mkv", ".jpg", ".png"))
    for path in found:
        assert verify_copy(path, accept_unsigned=True).holds
    return [str(path.relative_to(out)) for path in found]


def original(copy: Path) -> str:
    """The hash of the original that the copy's statement names."""
    return read_statement(copy.with_name(copy.name + PROVENANCE).read_bytes()).original_after.sha256


def notices(out: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in sorted((out / "quarantine").glob("*.json"))]


def known(watched: Watched, *names: str) -> list[int]:
    return [watched.status.counts[name] for name in names]


def test_segments_are_masked_in_the_order_of_the_times_in_their_names(folder: Path, out: Path) -> None:
    names = [f"gate-20261123-10000{second}.mp4" for second in (3, 1, 2, 0)]
    for number, name in enumerate(names):
        segment(folder, name, number)
        os.utime(folder / name, ns=(0, 10**18 - number))  # the times of the files say otherwise
    done = watch(folder, out, *names)
    assert done.given == sorted(names)
    assert copies(out) == sorted(names)
    assert done.status.as_data(done.status.began)["done"] == 4


def test_without_a_time_in_the_name_the_time_of_the_file_says_the_order(folder: Path, out: Path) -> None:
    for number, name in enumerate(("c.mp4", "a.mp4", "b.mp4")):
        os.utime(segment(folder, name, number), (number, number))
    assert watch(folder, out, "a.mp4", "b.mp4", "c.mp4").given == ["c.mp4", "a.mp4", "b.mp4"]


def test_a_segment_that_is_told_of_three_times_has_one_copy(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    first = watch(folder, out, "a.mp4", "a.mp4", "a.mp4")
    later = watch(folder, out, "a.mp4")
    assert copies(out) == ["a.mp4"]
    assert first.given == ["a.mp4"]
    assert later.given == []
    assert known(first, "made", "known") == [1, 2]
    assert known(later, "made", "known") == [0, 1]


def test_what_a_killed_watch_had_taken_is_done_by_the_next_without_being_told_again(folder: Path, out: Path) -> None:
    names = ["a.mp4", "b.mp4", "c.mp4"]
    for number, name in enumerate(names):
        os.utime(segment(folder, name, number), (number, number))

    def kill(job: Job) -> None:
        if job.original.endswith("b.mp4"):
            raise Killed

    with pytest.raises(Killed):
        watch(folder, out, *names, before=kill)
    assert copies(out) == ["a.mp4"]
    assert watch(folder, out).given == ["b.mp4", "c.mp4"]
    assert copies(out) == names


def test_a_kill_between_the_copy_and_its_record_makes_no_second_copy(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")

    def mask_and_kill(job: Job) -> None:
        mask_job(job, None, lambda _: None)
        raise Killed

    with pytest.raises(Killed):
        watch(folder, out, "a.mp4", before=mask_and_kill)
    before = (out / "a.mp4").stat()
    done = watch(folder, out)
    assert known(done, "made", "there") == [0, 1]
    assert copies(out) == ["a.mp4"]
    assert (out / "a.mp4").stat().st_ino == before.st_ino


def test_the_same_bytes_under_another_name_have_one_copy(folder: Path, out: Path) -> None:
    shutil.copy(segment(folder, "a.mp4"), folder / "b.mp4")
    (folder / "a.mp4").rename(folder / "c.mp4")
    done = watch(folder, out, "b.mp4", "c.mp4")
    later = watch(folder, out, Path(shutil.copy(folder / "c.mp4", folder / "d.mp4")).name)
    assert known(done, "made", "same") == [1, 1]
    assert known(later, "made", "same") == [0, 1]
    assert len(copies(out)) == 1


def test_the_same_bytes_at_the_same_time_have_one_copy(folder: Path, out: Path) -> None:
    for camera in ("gate", "yard"):
        (folder / camera).mkdir()
        segment(folder, f"{camera}/a.mp4")
    done = watch(folder, out, "gate/a.mp4", "yard/a.mp4", at_once=2)
    assert known(done, "made", "same") == [1, 1]


def test_a_segment_that_was_only_touched_is_the_same_one(folder: Path, out: Path) -> None:
    path = segment(folder, "a.mp4")
    watch(folder, out, "a.mp4")
    os.utime(path, (5, 5))
    assert known(watch(folder, out, "a.mp4"), "made", "same") == [0, 1]
    assert copies(out) == ["a.mp4"]


def test_a_segment_that_is_rewritten_after_its_copy_gets_another_one_beside_it(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    watch(folder, out, "a.mp4")
    segment(folder, "a.mp4", 1)
    watch(folder, out, "a.mp4", "a.mp4")
    first, second = copies(out)
    assert {first[:2], first[-4:], second[:2], second[-4:]} == {"a.", ".mp4"}
    originals = {original(out / name) for name in (first, second)}
    assert len(originals) == 2


def test_a_segment_that_is_rewritten_while_it_waits_is_masked_as_it_is_then(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    os.utime(segment(folder, "b.mp4", 1), (2**33, 2**33))

    def rewrite(job: Job) -> None:
        if job.original.endswith("a.mp4"):
            os.utime(segment(folder, "b.mp4", 2), (2**33, 2**33))

    done = watch(folder, out, "a.mp4", "b.mp4", before=rewrite)
    assert known(done, "made", "rewritten", "quarantined") == [2, 1, 0]
    assert original(out / "b.mp4") == sha256((folder / "b.mp4").read_bytes()).hexdigest()


def test_a_segment_that_grows_while_it_is_masked_is_masked_anew(folder: Path, out: Path) -> None:
    path, grown = segment(folder, "a.mp4"), list[Job]()

    def write_on(job: Job) -> None:
        if not grown:
            grown.append(job)
            with path.open("ab") as file:
                file.write(b"\0\0\0\x08free")

    done = watch(folder, out, "a.mp4", before=write_on)
    assert copies(out) == ["a.mp4"]
    assert known(done, "made", "quarantined") == [1, 0]


def test_a_segment_that_vanishes_is_told_and_counted_and_done_when_it_comes_back(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    (folder / "b.mp4").symlink_to("a.mp4")
    aside = folder.parent / "a.mp4"

    def take_away(job: Job) -> None:
        Path(job.original).rename(aside)

    done = watch(folder, out, "a.mp4", before=take_away)
    assert known(done, "made", "vanished") == [0, 1]
    assert [notice["kind"] for notice in notices(out)] == ["Vanished"]
    aside.rename(folder / "a.mp4")
    back = watch(folder, out, "a.mp4")
    assert known(back, "made", "vanished") == [1, 0]
    assert notices(out) == []


def test_a_clock_in_the_future_comes_last_and_is_masked_all_the_same(folder: Path, out: Path) -> None:
    os.utime(segment(folder, "a-20991231-000000.mp4"), (2**33, 2**33))
    segment(folder, "a-20261123-000000.mp4", 1)
    done = watch(folder, out, "a-20991231-000000.mp4", "a-20261123-000000.mp4")
    assert done.given == ["a-20261123-000000.mp4", "a-20991231-000000.mp4"]
    assert done.status.lag == 0


def test_what_does_not_parse_goes_to_quarantine_and_the_original_stays_as_it_is(folder: Path, out: Path) -> None:
    path = segment(folder, "a.mp4")
    path.write_bytes(path.read_bytes()[:-300])
    (folder / "empty.mp4").touch()
    before = [(each.read_bytes(), each.stat().st_mtime_ns) for each in sorted(folder.iterdir())]
    done = watch(folder, out, "a.mp4", "empty.mp4")
    assert known(done, "made", "quarantined") == [0, 2]
    assert [Path(str(notice["path"])).name for notice in notices(out)] == ["a.mp4", "empty.mp4"]
    assert {notice["exit_code"] for notice in notices(out)} == {6}
    assert all(notice["reason"] and notice["reason_ja"] for notice in notices(out))
    assert [(each.read_bytes(), each.stat().st_mtime_ns) for each in sorted(folder.iterdir())] == before
    assert watch(folder, out, "a.mp4", "empty.mp4").given == []
    next((out / "quarantine").glob("a.mp4*")).unlink()
    assert watch(folder, out, "a.mp4", "empty.mp4").given == ["a.mp4"]


def test_a_segment_that_was_only_begun_is_given_a_while_and_holds_up_nobody(folder: Path, out: Path) -> None:
    (folder / "a.mp4").touch()
    segment(folder, "b.mp4")

    def write(job: Job) -> None:
        if job.original.endswith("b.mp4"):
            segment(folder, "a.mp4", 1)

    done = watch(folder, out, "a.mp4", "b.mp4", before=write)
    assert done.given == ["b.mp4", "a.mp4"]
    assert known(done, "made", "quarantined") == [2, 0]


def test_a_notice_goes_when_the_segment_was_written_to_its_end_after_all(folder: Path, out: Path) -> None:
    path = segment(folder, "a.mp4")
    whole = path.read_bytes()
    path.write_bytes(whole[:-300])
    watch(folder, out, "a.mp4")
    path.write_bytes(whole)
    done = watch(folder, out, "a.mp4")
    assert (copies(out), notices(out), done.status.quarantined) == (["a.mp4"], [], 0)


def test_a_full_disk_is_waited_for_and_nothing_is_lost(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        segment(folder, f"{number}.mp4", number)
    full = [True] * 7
    allocate, written = os.posix_fallocate, records._write_whole

    def refuse() -> None:
        if full:
            full.pop()
            raise OSError(errno.ENOSPC, "No space left on device")

    def write(draft: Path, data: dict[str, object]) -> None:
        refuse()
        written(draft, data)

    def fill(descriptor: int, offset: int, length: int) -> None:
        refuse()
        allocate(descriptor, offset, length)

    def fail(_: Job) -> None:
        if len(full) > 2:  # what an encoder does on a full disk
            monkeypatch.setattr("privmask.batch.masking.mask_clip", _no_room)
        else:
            monkeypatch.undo()

    monkeypatch.setattr(records, "_write_whole", write)
    monkeypatch.setattr(os, "posix_fallocate", fill)
    done = watch(folder, out, *(f"{number}.mp4" for number in range(3)), before=fail)
    assert not full[2:]
    assert copies(out) == ["0.mp4", "1.mp4", "2.mp4"]
    assert known(done, "made", "quarantined") == [3, 0]
    assert done.status.trouble is None
    waited = sum("nothing is skipped" in said for said in done.said)
    assert waited == sum(said == "it goes on" for said in done.said) > 0


def _no_room(*_: object, **__: object) -> None:
    from privmask.errors import CopyError

    raise CopyError("the copy cannot be written: the disk is full")


def test_a_copy_that_fails_again_and_again_is_put_aside_in_the_end_and_holds_up_nobody(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment(folder, "a.mp4")
    monkeypatch.setattr("privmask.batch.masking.mask_clip", _no_room)
    done = watch(folder, out, "a.mp4")
    assert done.given == ["a.mp4"] * judging.MOST_ATTEMPTS
    assert known(done, "quarantined") == [1]


def test_an_original_that_never_comes_to_rest_is_put_aside_in_the_end(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = segment(folder, "a.mp4")
    at = path.stat().st_mtime_ns

    def touch(*_: object, **__: object) -> None:
        os.utime(path, ns=(at, at))
        raise OriginalChangedError("it moved, and moved back")

    monkeypatch.setattr("privmask.batch.masking.mask_clip", touch)
    done = watch(folder, out, "a.mp4")
    assert (len(done.given), known(done, "quarantined")) == (judging.MOST_ATTEMPTS, [1])


def test_copies_in_a_watched_folder_are_never_masked_again(folder: Path) -> None:
    segment(folder, "a.mp4")
    inside = folder / "masked"
    watch(folder, inside, "a.mp4")
    shutil.copytree(inside, folder / "elsewhere")
    done = watch(folder, inside, "masked/a.mp4", "elsewhere/a.mp4")
    assert known(done, "made", "ignored") == [0, 2]


def test_only_regular_files_of_the_folder_are_taken(folder: Path, out: Path, tmp_path: Path) -> None:
    segment(tmp_path, "outside.mp4")
    (folder / "link.mp4").symlink_to(tmp_path / "outside.mp4")
    (folder / "folder.mp4").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    done = watch(folder, out, "link.mp4", "folder.mp4", "pipe.mp4", tmp_path / "outside.mp4", "../outside.mp4")
    assert known(done, "made", "ignored") == [0, 5]


def test_a_name_that_is_no_footage_is_told_and_not_tried(folder: Path, out: Path) -> None:
    (folder / "notes.txt").write_text("nothing")
    done = watch(folder, out, "notes.txt", "notes.txt")
    assert (done.given, [notice["kind"] for notice in notices(out)]) == ([], ["Name"])


def test_two_segments_whose_copies_would_have_one_name_both_have_one(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    make_clip(folder / "a.ts", size=(96, 64), frames=6, gop=6)
    done = watch(folder, out, "a.mp4", "a.ts")
    assert known(done, "made") == [2]
    assert len(copies(out)) == 2


def test_a_still_is_masked_too(folder: Path, out: Path) -> None:
    make_clip(folder / "a.jpg", codec="mjpeg", fmt="yuvj420p", size=(96, 64), frames=1)
    watch(folder, out, "a.jpg", "a.jpg")
    assert copies(out) == ["a.jpg"]
    assert b"Exif" not in (out / "a.jpg").read_bytes()


def test_another_plan_masks_what_is_new_and_with_again_everything(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    watch(folder, out, "a.mp4")
    segment(folder, "b.mp4", 1)
    other = three_zones("Blurred")
    assert watch(folder, out, "a.mp4", "b.mp4", plan=lambda _: other).given == ["b.mp4"]
    again = watch(folder, out, "a.mp4", "b.mp4", plan=lambda _: other, again=True)
    assert set(again.given) == {"a.mp4"}
    assert known(watch(folder, out, "a.mp4", plan=lambda _: other, again=True), "made", "known") == [0, 1]
    assert len(copies(out)) == 3


def test_the_camera_in_the_name_chooses_its_zones_and_an_unknown_one_is_put_aside(folder: Path, out: Path) -> None:
    for number, camera in enumerate(("gate", "yard", "attic")):
        (folder / camera).mkdir()
        segment(folder, f"{camera}/20261123-100000.mp4", number)

    def plan(camera: str | None) -> MaskPlan:
        if camera not in ("gate", "yard"):
            raise PlanError(f"{camera!r} is not in the plan")
        return replace(PLAN, camera=camera)

    names = [f"{camera}/20261123-100000.mp4" for camera in ("gate", "yard", "attic")]
    done = watch(folder, out, *names, plan=plan, pattern="{camera}/%Y%m%d-%H%M%S")
    assert known(done, "made", "quarantined") == [2, 1]
    assert (
        json.loads((out / "yard/20261123-100000.mp4.provenance.json").read_bytes())["predicate"]["plan"]["camera"]
        == "yard"
    )
    only = watch(folder, out.with_name("gate"), *names, plan=plan, pattern="{camera}/%Y%m%d-%H%M%S", camera="gate")
    assert known(only, "made", "ignored") == [1, 2]
    assert [
        line for line in only.said if "not of 'gate'" in line and ("'yard'" in line or "'attic'" in line)
    ] == only.said[:2]


def test_the_camera_that_a_recorder_names_counts_more_than_the_name(folder: Path, out: Path) -> None:
    path = segment(folder, "a.mp4")
    cameras: list[str | None] = []

    def plan(camera: str | None) -> MaskPlan:
        cameras.append(camera)
        return PLAN

    watch(folder, out, Segment(str(path), camera="gate"), plan=plan)
    assert cameras == ["gate"]


def test_segments_of_one_camera_come_one_after_the_other_and_those_of_several_at_once(folder: Path, out: Path) -> None:
    names = []
    for camera in ("gate", "yard"):
        (folder / camera).mkdir()
        for second in (0, 1):
            names.append(f"{camera}/2026-11-23_10-00-0{second}.mp4")
            segment(folder, names[-1], len(names))
    at_work: list[list[str]] = []
    from privmask.recorders import watch as module

    watched = module.Watcher._tell_status

    def look(self: module.Watcher) -> None:
        at_work.append([item.lane for item in self._at_work.values()])
        watched(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.Watcher, "_tell_status", look)
        done = watch(folder, out, *names, at_once=4)
    assert known(done, "made") == [4]
    assert max(map(len, at_work)) == 2
    assert all(len(set(lanes)) == len(lanes) for lanes in at_work)


def test_falling_behind_is_told_once_and_so_is_catching_up(folder: Path, out: Path) -> None:
    for number in range(3):
        os.utime(segment(folder, f"{number}.mp4", number), (100, 100))
    done = watch(folder, out, *(f"{number}.mp4" for number in range(3)), now=lambda: 1000.0, largest_lag=60)
    assert sum("falling behind" in said for said in done.said) == 1
    assert sum("caught up" in said for said in done.said) == 1


def test_a_watch_that_is_asked_to_stop_finishes_what_is_at_work_and_begins_nothing(folder: Path, out: Path) -> None:
    for number in range(3):
        os.utime(segment(folder, f"{number}.mp4", number), (number, number))
    stopped: list[Job] = []
    done = watch(folder, out, "0.mp4", "1.mp4", "2.mp4", before=stopped.append, stop=lambda: bool(stopped))
    assert (done.given, copies(out)) == (["0.mp4"], ["0.mp4"])
    assert watch(folder, out).given == ["1.mp4", "2.mp4"]


def test_a_second_watch_of_the_folder_is_refused_whatever_its_copies_are(folder: Path, out: Path) -> None:
    first = Ledger(str(out), str(folder))
    for other in (out, out.with_name("other")):
        with pytest.raises(PlanError, match="another privmask watch"):
            Ledger(str(other), str(folder))
    first.close()
    Ledger(str(out), str(folder)).close()


def test_a_segment_that_is_still_written_to_holds_up_no_other(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    segment(folder, "b.mp4", 1)
    with (folder / "a.mp4").open("ab") as writer:
        done = watch(
            folder, out, "a.mp4", "b.mp4",
            before=lambda job: writer.close() if job.original.endswith("b.mp4") else None,
        )  # fmt: skip
    assert done.given == ["b.mp4", "a.mp4"]
    assert copies(out) == ["a.mp4", "b.mp4"]


def test_where_no_worker_can_be_had_it_waits_and_goes_on(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    refused = [PlanError("no worker process can be started here")] * 2

    def refuse(_: Job) -> None:
        if refused:
            raise refused.pop()

    done = watch(folder, out, "a.mp4", before=refuse)
    assert known(done, "made", "quarantined") == [1, 0]
    assert any("no worker process" in said for said in done.said)


def test_a_file_system_without_links_keeps_records_too(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment(folder, "a.mp4")
    shutil.copy(folder / "a.mp4", folder / "b.mp4")
    link = os.link

    def refuse(source: str | Path, target: str | Path, **more: int) -> None:
        if ".privmask-watch" in str(target):
            raise OSError(errno.EPERM, "Operation not permitted")
        link(source, target, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "link", refuse)
    assert known(watch(folder, out, "a.mp4", "b.mp4"), "made", "same") == [1, 1]
    assert known(watch(folder, out, "a.mp4", "b.mp4"), "made", "known") == [0, 2]


def test_a_name_of_any_bytes_is_masked_and_noted(folder: Path, out: Path) -> None:
    name = os.fsdecode(b"\xff\xe3\x81 " + "録画".encode() * 20 + b".mp4")
    path = Path(shutil.copy(segment(folder, "a.mp4"), folder / name))
    assert known(watch(folder, out, name), "made") == [1]
    path.write_bytes(b"broken")
    assert known(watch(folder, out, name), "quarantined") == [1]
    assert watch(folder, out, name).given == []
    assert notices(out)[0]["path"] == str(path)


def test_records_of_originals_that_are_long_gone_are_forgotten(folder: Path, out: Path) -> None:
    segment(folder, "a.mp4")
    segment(folder, "b.mp4", 1)
    watch(folder, out, "a.mp4", "b.mp4")
    (folder / "a.mp4").unlink()
    ledger = Ledger(str(out), str(folder))
    ledger.forget(before=2**40)
    assert ledger.count_done() == 1
    ledger.close()
