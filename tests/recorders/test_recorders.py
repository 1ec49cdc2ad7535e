"""What every recorder promises, whatever tells it that a segment is finished; and what each of them alone does."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from privmask.errors import FootageError, PlanError
from privmask.recorders.choosing import Choice, polls, recorders_of
from privmask.recorders.closing import ClosingRecorder
from privmask.recorders.delivery import deliver, queue_folder
from privmask.recorders.feed import Feed
from privmask.recorders.listing import HookRecorder, SegmentListRecorder
from privmask.recorders.polling import PollingRecorder, is_being_written
from privmask.recorders.recorder import ListedRecorder, Recorder, Segment, foreign_recorder
from tests.conftest import ROOT

sys.path.append(str(ROOT / "examples"))
IndexRecorder: Callable[[str], Recorder] = importlib.import_module("own_recorder").IndexRecorder


class Clock:
    """Stands still until somebody waits by it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.01)


@dataclass
class Staged:
    """A recorder of `folder`, and how a segment in it is finished in a way that it knows of."""

    recorder: Recorder
    folder: Path
    finish: Callable[[str], None]

    def names(self, looks: int = 8) -> set[str]:
        """What it names in so many calls."""
        found: set[str] = set()
        for _ in range(looks):
            found |= {Path(each.path).name for each in self.recorder.finished(0.02)}
        return found


def _listed(folder: Path, _: Path) -> Staged:
    waiting: list[Segment] = []

    class Fake(ListedRecorder):
        def finished(self, seconds: float) -> Sequence[Segment]:
            self._segments = tuple(waiting)
            waiting.clear()
            return super().finished(seconds)

    def finish(name: str) -> None:
        (folder / name).write_bytes(b"x")
        waiting.append(Segment(str(folder / name)))

    return Staged(Fake(), folder, finish)


def _polling(folder: Path, _: Path) -> Staged:
    clock = Clock()
    recorder = PollingRecorder(str(folder), still=0.05, every=0.02, clock=clock, sleep=clock.sleep)
    return Staged(recorder, folder, lambda name: _write(folder / name))


def _closing(folder: Path, _: Path) -> Staged:
    clock = Clock()
    return Staged(ClosingRecorder(str(folder), clock=clock), folder, lambda name: _write(folder / name))


def _hooks(folder: Path, tmp_path: Path) -> Staged:
    queue = str(tmp_path / "queue")

    def finish(name: str) -> None:
        _write(folder / name)
        deliver(str(folder / name), queue)

    return Staged(HookRecorder(str(folder), queue, sleep=lambda _: None), folder, finish)


def _listing(folder: Path, _: Path) -> Staged:
    ours, theirs = os.pipe()

    def finish(name: str) -> None:
        _write(folder / name)
        os.write(theirs, f"{name},0.000000,2.000000\n".encode())

    return Staged(SegmentListRecorder(str(folder), ours), folder, finish)


def _example(folder: Path, _: Path) -> Staged:
    def finish(name: str) -> None:
        _write(folder / name)
        with (folder / "index.txt").open("a") as index:
            index.write(f"gate {name}\n")

    return Staged(IndexRecorder(str(folder)), folder, finish)


def _write(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"a")
        file.write(b"b")


KINDS = [_listed, _polling, _closing, _hooks, _listing, _example]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__.strip("_"))
def staged(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Staged]:
    (tmp_path / "rec").mkdir()
    staged: Staged = request.param(tmp_path / "rec", tmp_path)
    yield staged
    staged.recorder.close()


def test_a_recorder_names_every_finished_segment_by_its_path_from_the_root(staged: Staged) -> None:
    staged.finish("a.mp4")
    staged.finish("b ü.mp4")
    found = [segment for _ in range(8) for segment in staged.recorder.finished(0.02)]
    assert {segment.path for segment in found} == {str(staged.folder / name) for name in ("a.mp4", "b ü.mp4")}


def test_a_recorder_names_what_comes_later_too_and_nothing_where_nothing_is_finished(staged: Staged) -> None:
    assert staged.names() == set()
    staged.finish("a.mp4")
    assert staged.names() == {"a.mp4"}
    staged.finish("b.mp4")
    assert "b.mp4" in staged.names()


def test_a_recorder_can_be_closed_with_something_left_unsaid(staged: Staged) -> None:
    staged.finish("a.mp4")


def test_a_feed_hears_all_its_recorders_and_asks_again_only_when_what_they_said_is_safe(staged: Staged) -> None:
    staged.finish("a.mp4")
    with closing(Feed([ListedRecorder([Segment("/x/b.mp4")]), _Shared(staged.recorder)])) as feed:
        found: set[str] = set()
        end = time.monotonic() + 30
        while found != {"a.mp4", "b.mp4"}:
            assert time.monotonic() < end
            batch = feed.get(1)
            if batch:
                found |= {Path(each.path).name for each in batch.segments}
                batch.safe.set()


class _Shared:
    """A recorder that somebody else closes."""

    def __init__(self, recorder: Recorder) -> None:
        self.finished = recorder.finished

    def close(self) -> None:
        """Not here."""


def test_a_recorder_that_breaks_is_not_taken_for_one_that_has_nothing_to_say() -> None:
    class Broken(ListedRecorder):
        def finished(self, seconds: float) -> Sequence[Segment]:
            raise FootageError(f"no camera after {seconds} s")

    with closing(Feed([Broken()])) as feed, pytest.raises(FootageError, match="no camera"):
        feed.get(30)


def test_polling_waits_until_size_and_time_stand_still(tmp_path: Path) -> None:
    clock = Clock()
    poll = PollingRecorder(str(tmp_path), still=5, every=1, clock=clock, sleep=clock.sleep)
    path = tmp_path / "a.mp4"
    for second in range(10):  # a recorder that writes on
        path.write_bytes(b"x" * second)
        assert not poll.finished(1)
    assert poll.unfinished == 1
    found = [segment.path for _ in range(10) for segment in poll.finished(1)]
    assert found == [str(path)]
    path.write_bytes(b"rewritten, and longer")
    assert [segment.path for _ in range(10) for segment in poll.finished(1)] == [str(path)]


def test_a_file_that_never_closes_is_never_finished_however_still_it_stands(tmp_path: Path) -> None:
    clock = Clock()
    poll = PollingRecorder(str(tmp_path), still=5, every=1, clock=clock, sleep=clock.sleep)
    with (tmp_path / "a.mp4").open("wb") as file:
        file.write(b"x")
        file.flush()
        assert [segment for _ in range(30) for segment in poll.finished(1)] == []
        assert poll.unfinished == 1
    assert [Path(segment.path).name for _ in range(3) for segment in poll.finished(1)] == ["a.mp4"]


def test_a_folder_is_looked_through_without_links_hidden_files_other_files_and_the_copies(tmp_path: Path) -> None:
    clock = Clock()
    for name in ("a.mp4", "b/c.JPG", ".hidden/d.mp4", "copies/e.mp4", ".f.mp4", "g.txt", "h.mp4.provenance.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a.mp4")
    (tmp_path / "round").symlink_to(tmp_path)
    poll = PollingRecorder(
        str(tmp_path), left_out=str(tmp_path / "copies"), still=1, every=1, clock=clock, sleep=clock.sleep
    )
    found = {Path(segment.path).name for _ in range(5) for segment in poll.finished(1)}
    assert found == {"a.mp4", "c.JPG"}


def test_closing_tells_of_a_file_when_its_writer_closes_it_and_not_before(tmp_path: Path) -> None:
    clock = Clock()
    with closing(ClosingRecorder(str(tmp_path), clock=clock)) as recorder:
        with (tmp_path / "a.mp4").open("wb") as file:
            file.write(b"x")
            file.flush()
            assert recorder.finished(0.05) == []
        assert [Path(each.path).name for each in recorder.finished(1)] == ["a.mp4"]


def test_closing_follows_folders_that_come_go_and_are_moved(tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / "rec"
    folder.mkdir()
    with closing(ClosingRecorder(str(folder), still=1, clock=clock)) as recorder:
        staged = Staged(recorder, folder, lambda name: _write(folder / name))
        (folder / "new" / "deep").mkdir(parents=True)
        _write(folder / "new" / "deep" / "early.mp4")  # perhaps before it is watched
        found = staged.names(3)
        clock.now += 2
        assert found | staged.names(3) == {"early.mp4"}
        _write(folder / "new" / "deep" / "a.mp4")
        assert "a.mp4" in staged.names(3)
        (folder / "new").rename(tmp_path / "away")
        staged.names(3)
        _write(tmp_path / "away" / "deep" / "b.mp4")
        assert "b.mp4" not in staged.names(3)
        shutil.copytree(tmp_path / "away", tmp_path / "filled")
        (tmp_path / "filled").rename(folder / "moved-in")
        found = staged.names(3)
        clock.now += 2
        assert found | staged.names(3) >= {"a.mp4", "b.mp4", "early.mp4"}


def test_closing_finds_what_came_while_nobody_watched(tmp_path: Path) -> None:
    clock = Clock()
    _write(tmp_path / "a.mp4")
    with closing(ClosingRecorder(str(tmp_path), still=1, clock=clock)) as recorder:
        assert recorder.finished(0) == []
        clock.now += 2
        assert [Path(each.path).name for each in recorder.finished(0)] == ["a.mp4"]


def test_a_watched_folder_that_goes_away_ends_the_watch(tmp_path: Path) -> None:
    (tmp_path / "rec").mkdir()
    recorder = ClosingRecorder(str(tmp_path / "rec"), clock=Clock())
    (tmp_path / "rec").rmdir()
    with closing(recorder), pytest.raises(FootageError, match="is gone"):
        recorder.finished(1)


def test_a_polled_folder_that_goes_away_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    clock = Clock()
    poll = PollingRecorder(str(tmp_path / "rec"), clock=clock, sleep=clock.sleep)
    with pytest.raises(FootageError, match="is gone"):
        poll.finished(1)


def test_whoever_writes_while_it_is_asked_whether_somebody_writes_is_not_held_up(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x")
    assert not is_being_written(str(path))
    with path.open("ab"):
        assert is_being_written(str(path))
    assert not is_being_written(str(path))
    assert not is_being_written(str(tmp_path / "gone"))


def test_without_inotify_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "inotify_simple", None)
    with pytest.raises(PlanError, match="--poll"):
        ClosingRecorder(str(tmp_path))


def test_a_note_stays_until_its_segment_is_safe_and_one_file_leaves_one_note(tmp_path: Path) -> None:
    queue, path = str(tmp_path / "queue"), tmp_path / "a\nb.mp4"
    path.write_bytes(b"x")
    assert [deliver(str(path), queue) for _ in range(3)] == [True, False, False]
    for _ in range(2):  # a watch that is killed in between
        assert [each.path for each in HookRecorder(str(tmp_path), queue).finished(0)] == [str(path)]
    recorder = HookRecorder(str(tmp_path), queue)
    recorder.finished(0)
    assert recorder.finished(0) == []
    assert os.listdir(queue) == []


def test_notes_of_other_folders_and_what_is_no_note_are_left_alone(tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    for name in ("mine", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.mp4").write_bytes(b"x")
        deliver(str(tmp_path / name / "a.mp4"), str(queue))
    (queue / "strange.note").write_bytes(b"/etc/passwd")
    (queue / "link.note").symlink_to("/etc/passwd")
    (tmp_path / "mine" / "way").symlink_to(tmp_path / "other")
    deliver(str(tmp_path / "mine" / "way" / "a.mp4"), str(queue))
    recorder = HookRecorder(str(tmp_path / "mine"), str(queue))
    assert [each.path for each in recorder.finished(0)] == [str(tmp_path / "mine" / "a.mp4")]
    recorder.finished(0)
    assert len(os.listdir(queue)) == 4


def test_a_hook_leaves_nothing_behind_where_it_cannot_tell(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        deliver(str(tmp_path / "a.mp4"), str(tmp_path / "queue"))
    with pytest.raises(IsADirectoryError):
        deliver(str(tmp_path), str(tmp_path / "queue"))
    assert not (tmp_path / "queue").exists()


def test_the_queue_is_where_the_variable_says_else_with_the_users_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVMASK_QUEUE", "/var/lib/privmask/queue")
    assert queue_folder() == "/var/lib/privmask/queue"
    assert queue_folder("here").endswith("/here")
    monkeypatch.delenv("PRIVMASK_QUEUE")
    monkeypatch.setenv("XDG_STATE_HOME", "/states")
    assert queue_folder() == "/states/privmask/queue"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/clerk")
    assert queue_folder() == "/home/clerk/.local/state/privmask/queue"


def test_lines_of_ffmpeg_come_in_pieces_in_quotes_and_not_always_as_expected() -> None:
    ours, theirs = os.pipe()
    recorder = SegmentListRecorder("/rec", ours)
    os.write(theirs, b'a.mp4,0.0,1.0\n"b, ""c"".mp4",1.0,2.0\r\nd.mp4,2')
    assert [each.path for each in recorder.finished(1)] == ["/rec/a.mp4", '/rec/b, "c".mp4']
    assert recorder.finished(0) == ()
    os.write(theirs, b".0,3.0\n\nnothing\ne.mp4,x,y\n/else/f.mp4,0,1\ng.mp4,3.0,4.0")
    assert [each.path for each in recorder.finished(1)] == ["/rec/d.mp4", "/else/f.mp4"]
    assert recorder.strange == 2
    os.close(theirs)
    assert [each.path for each in recorder.finished(1)] == ["/rec/g.mp4"]
    assert recorder.ended
    os.close(ours)


@pytest.mark.parametrize(("name", "kinds"), [
    ("auto", ["HookRecorder", "ClosingRecorder"]),
    ("inotify", ["HookRecorder", "ClosingRecorder"]),
    ("poll", ["HookRecorder", "PollingRecorder"]),
    ("hook", ["HookRecorder"]),
])  # fmt: skip
def test_the_words_choose_who_is_listened_to(name: str, kinds: list[str], tmp_path: Path) -> None:
    found = recorders_of(Choice(name, str(tmp_path / "queue")), str(tmp_path), str(tmp_path / "out"))
    for each in found:
        each.close()
    assert [type(each).__name__ for each in found] == kinds


def test_without_the_extra_the_folder_is_polled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.recorders.choosing.find_spec", lambda _: None)
    found = recorders_of(Choice("auto", str(tmp_path / "queue")), str(tmp_path), str(tmp_path / "out"))
    assert polls(found)


def test_a_network_file_system_is_polled_and_stands_still_for_longer_than_attributes_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.recorders.choosing.is_far", lambda _: True)
    _, poll = recorders_of(Choice("auto", str(tmp_path / "queue")), str(tmp_path), str(tmp_path / "out"))
    assert isinstance(poll, PollingRecorder)
    assert poll._still > 60


def _installed(folder: Path, target: str) -> None:
    (folder / "nvr-1.0.dist-info").mkdir(parents=True)
    (folder / "nvr-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: nvr\nVersion: 1.0\n")
    (folder / "nvr-1.0.dist-info" / "entry_points.txt").write_text(f"[privmask.recorders]\nnvr = {target}\n")


def test_other_peoples_recorders_come_by_their_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(tmp_path / "site", "own_recorder:IndexRecorder")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert foreign_recorder("nvr") is IndexRecorder
    _, found = recorders_of(Choice("nvr", str(tmp_path / "queue")), str(tmp_path), str(tmp_path / "out"))
    assert type(found).__name__ == "IndexRecorder"
    with pytest.raises(PlanError, match="nvr"):
        foreign_recorder("another")


@pytest.mark.parametrize("target", ["nowhere:Recorder", "own_recorder:Nothing", "builtins:str"])
def test_an_entry_point_that_gives_no_recorder_is_refused(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(tmp_path / "site", target)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with pytest.raises(PlanError, match="nvr"):
        recorders_of(Choice("nvr", str(tmp_path / "queue")), str(tmp_path), str(tmp_path / "out"))


def test_telling_takes_the_standard_library_alone() -> None:
    script = (
        "import sys; before = set(sys.modules); from privmask.cli.quick import hook; import privmask.recorders.delivery;"
        "print(*{name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {each for each in done.stdout.split() if not each.startswith("_")} <= {"privmask", "sitecustomize"}
