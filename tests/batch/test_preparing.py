"""From a folder, a list or a table to jobs; whatever is wrong is told before any work, all of it at once."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from privmask.batch import Job, Wishes, prepare
from privmask.batch.listing import read_listing
from privmask.batch.preparing import plan_file
from privmask.errors import PlanError
from privmask.masks import MaskPlan
from tests.batch.made import PLAN

ZONES = """
format = "privmask.plan.v1"
[[mask]]
token = "window"
polygon = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.7]]
camera = "gate"
[[mask]]
token = "door"
polygon = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.7]]
camera = "yard"
"""


def plan_of(file: Path | None, camera: str | None) -> MaskPlan:
    return PLAN if file is None else plan_file(file, camera)


WISHES = Wishes(plan_of)


def clips(folder: Path, *names: str) -> Path:
    """A folder with files of these names; nobody looks into them before the work begins."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"a clip")
    return folder


def prepared(source: Path, out: Path | None, wishes: Wishes = WISHES) -> dict[str, str]:
    """The copies by their originals, both without the folder in which the source stands."""
    jobs, _ = prepare(source, out, wishes)
    assert [job.number for job in jobs] == [*range(1, len(jobs) + 1)]
    base = source.parent
    return {str(Path(job.original).relative_to(base)): str(Path(job.copy).relative_to(base)) for job in jobs}


def complaints(source: Path, out: Path | None, wishes: Wishes = WISHES) -> tuple[str, ...]:
    with pytest.raises(PlanError) as caught:
        prepare(source, out, wishes)
    assert not caught.value.text or caught.value.text.ja
    return caught.value.complaints


def test_a_folder_is_walked_whole_and_its_copies_stand_as_its_clips_do(tmp_path: Path) -> None:
    source = clips(tmp_path / "in", "b.MKV", "a.avi", "still.JPG", "deep/er/a.mp4")
    assert prepared(source, tmp_path / "out") == {
        "in/a.avi": "out/a.mp4",
        "in/b.MKV": "out/b.mkv",
        "in/still.JPG": "out/still.jpg",
        "in/deep/er/a.mp4": "out/deep/er/a.mp4",
    }


def test_what_is_no_clip_by_its_name_or_hides_or_is_a_link_is_left_out_and_named(tmp_path: Path) -> None:
    source = clips(tmp_path / "in", "a.mp4", "zones.toml", ".hidden.mp4", "sub/list.txt")
    clips(source, ".trash/b.mp4")
    (source / "link.mp4").symlink_to("a.mp4")
    (source / "elsewhere").symlink_to(tmp_path)
    jobs, skipped = prepare(source, tmp_path / "out", WISHES)
    assert len(jobs) == 1
    assert skipped == (".trash/", "elsewhere/", ".hidden.mp4", "link.mp4", "zones.toml", "sub/list.txt")


def test_a_list_has_a_name_a_line_taken_from_where_the_list_lies(tmp_path: Path) -> None:
    clips(tmp_path, "a.mp4", "sub/b c.mov")
    (tmp_path / "list.txt").write_text("\ufeffa.mp4\n\n# a remark\n  sub/b c.mov  \r\n", encoding="utf-8")
    assert prepared(tmp_path / "list.txt", tmp_path / "out") == {"a.mp4": "out/a.mp4", "sub/b c.mov": "out/b c.mp4"}


ODD = (
    "-lead.mp4",
    "two  spaces .mkv",
    "日本語 門.mp4",
    "a\u2028line\x85or\x0cso.mp4",
    "\u3000wide.mp4",
    "quo\"te's.mp4",
)


def test_names_may_be_as_odd_as_they_like(tmp_path: Path) -> None:
    clips(tmp_path, *ODD, "new\nline.mp4")
    (tmp_path / "list.txt").write_bytes("\r\n".join(ODD).encode("utf-8-sig"))
    assert [*prepared(tmp_path / "list.txt", tmp_path / "out")] == [*ODD]
    cells = [name.replace('"', '""') for name in (*ODD, "new\nline.mp4")]
    (tmp_path / "jobs.csv").write_bytes("\r\n".join(["clip", *(f'"{cell}"' for cell in cells)]).encode())
    assert [*prepared(tmp_path / "jobs.csv", tmp_path / "out")] == [*ODD, "new\nline.mp4"]


def test_a_table_may_give_each_clip_its_plan_camera_copy_and_time(tmp_path: Path) -> None:
    clips(tmp_path, "a.mp4", "b.mp4", "c,d.mp4", "e.ts")
    (tmp_path / "zones.toml").write_text(ZONES)
    (tmp_path / "jobs.csv").write_text(
        "clip, plan, camera, copy, recorded_at\n"
        "a.mp4,zones.toml,gate,out/one.mkv,2026-11-23T18:00+09:00\n"
        "\n"
        "b.mp4,zones.toml,yard\n"
        '"c,d.mp4",,,,\n'
        "e.ts\n"
        "e.ts,,,out/e.ts\n"
    )
    jobs, _ = prepare(tmp_path / "jobs.csv", tmp_path / "out", WISHES)
    assert [(Path(job.original).name, Path(job.copy).name, job.plan.camera) for job in jobs] == [
        ("a.mp4", "one.mkv", "gate"),
        ("b.mp4", "b.mp4", "yard"),
        ("c,d.mp4", "c,d.mp4", ""),
        ("e.ts", "e.mp4", ""),
        ("e.ts", "e.ts", ""),
    ]
    assert [mask.token for mask in jobs[0].plan.masks] == ["window"]
    assert jobs[0].recorded_at is not None
    assert jobs[0].recorded_at.isoformat() == "2026-11-23T18:00:00+09:00"
    assert jobs[2].plan == PLAN


def test_what_a_line_does_not_say_is_what_holds_for_all(tmp_path: Path) -> None:
    clips(tmp_path, "a.mp4")
    (tmp_path / "zones.toml").write_text(ZONES)
    (tmp_path / "jobs.csv").write_text("clip\na.mp4\n")
    wishes = replace(WISHES, plan=tmp_path / "zones.toml", camera="yard")
    (job,), _ = prepare(tmp_path / "jobs.csv", tmp_path / "out", wishes)
    assert isinstance(job, Job)
    assert job.plan.camera == "yard"


def test_where_no_plan_is_said_at_all_that_is_told_once(tmp_path: Path) -> None:
    source = clips(tmp_path / "in", "a.mp4", "b.mp4")
    assert complaints(source, tmp_path / "out", Wishes()) == ("there is no plan",)


def test_an_empty_folder_and_an_empty_list_are_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "list.txt").write_text("# nothing\n")
    assert "there is no clip in" in complaints(tmp_path / "in", tmp_path / "out")[0]
    assert "names no clip" in complaints(tmp_path / "list.txt", tmp_path / "out")[0]


def test_every_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = clips(tmp_path / "in", "a.mp4", "locked/b.mp4", "shut/c.mp4")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name in ("locked", "shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    said = complaints(source, tmp_path / "out")
    assert [("locked" in each, "shut" in each) for each in said] == [(True, False), (False, True)]
    assert all("Permission denied" in each for each in said)


@pytest.mark.parametrize("out", ["in", "in/copies", "link/copies", "in/../in/x"])
def test_copies_among_the_originals_are_refused_under_any_spelling(out: str, tmp_path: Path) -> None:
    source = clips(tmp_path / "in", "a.mp4")
    (tmp_path / "link").symlink_to("in")
    assert "among the originals" in complaints(source, tmp_path / out)[0]


def test_copies_above_the_originals_are_fine_where_none_falls_among_them(tmp_path: Path) -> None:
    source = clips(tmp_path / "all" / "in", "a.mp4")
    assert prepared(source, tmp_path / "all") == {"in/a.mp4": "a.mp4"}
    clips(source, "in/a.mp4")
    assert "among the originals" in complaints(source, tmp_path / "all")[0]


def test_two_copies_of_one_name_are_told_with_both_their_clips(tmp_path: Path) -> None:
    clips(tmp_path, "a/x.mp4", "b/x.mp4")
    (tmp_path / "list.txt").write_text("a/x.mp4\nb/x.mp4\n")
    (said,) = complaints(tmp_path / "list.txt", tmp_path / "out")
    assert "a/x.mp4" in said
    assert "b/x.mp4" in said
    source = clips(tmp_path / "in", "x.avi", "x.mp4")
    assert "x.avi" in complaints(source, tmp_path / "out")[0]


def test_one_copy_under_two_spellings_is_one_name(tmp_path: Path) -> None:
    clips(tmp_path, "a.mp4", "b.mp4")
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to("out")
    (tmp_path / "jobs.csv").write_text("clip,copy\na.mp4,out/x.mp4\nb.mp4,link/../link/x.mp4\n")
    assert "would both have the copy" in complaints(tmp_path / "jobs.csv", None)[0]


def test_a_copy_that_would_be_an_original_is_told(tmp_path: Path) -> None:
    clips(tmp_path, "a.mp4", "b.mp4")
    (tmp_path / "jobs.csv").write_text("clip,copy\na.mp4,b.mp4\nb.mp4,c.mp4\n")
    assert complaints(tmp_path / "jobs.csv", None) == (f"the copy '{tmp_path}/b.mp4' is one of the originals",)


def test_originals_that_are_copies_already_are_told(tmp_path: Path) -> None:
    source = clips(tmp_path / "in", "a.mp4", "b.mp4", "b.mp4.provenance.json")
    (said,) = complaints(source, tmp_path / "out")
    assert "b.mp4' is a copy already" in said


def test_all_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    clips(tmp_path, "a.mp4", ".a.mp4.privmask-draft-0123abcd")
    (tmp_path / "bad.toml").write_text("format = 'no'")
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "jobs.csv").write_text(
        "clip,plan,copy,recorded_at\n"
        "gone.mp4,,1.mp4,\n"
        "a.mp4,bad.toml,2.mp4,\n"
        "a.mp4,,3.gif,\n"
        "a.mp4,,file/4.mp4,\n"
        "a.mp4,,5.mp4,yesterday\n"
        "a.mp4,,6.mp4,2026-11-23T18:00\n"
        ".a.mp4.privmask-draft-0123abcd,,7.mp4,\n"
    )
    said = complaints(tmp_path / "jobs.csv", None)
    wanted = {
        2: "there is no file",
        3: "bad.toml",
        4: "cannot be written as '.gif'",
        5: "is no folder",
        6: "is no time",
        7: "has no time zone",
        8: "unfinished",
    }
    for line, words in wanted.items():
        assert any(f"jobs.csv:{line}: " in each and words in each for each in said), words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\na.mp4\n", "has to be of clip, plan"),
        ("clip,clip\na.mp4,b\n", "has to be of clip, plan"),
        ("clip\na.mp4,b\n", "2 cells under a heading of 1"),
        ("clip,camera\n,gate\n", "clip is empty"),
        ('clip\n"a.mp4\n', "is no CSV"),
        ("clip\n", "names no clip"),
        ("", "has to be of clip, plan"),
        ("clip\na.mp4\n", "name a folder with -o"),
    ],
)
def test_a_table_that_does_not_stand_is_told(text: str, words: str, tmp_path: Path) -> None:
    clips(tmp_path, "a.mp4")
    (tmp_path / "jobs.csv").write_text(text)
    assert words in complaints(tmp_path / "jobs.csv", None)[0]


def test_a_source_that_cannot_be_read_is_told_and_never_waited_for(tmp_path: Path) -> None:
    assert "cannot be read" in complaints(tmp_path / "nothing.txt", tmp_path)[0]
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\xfa")
    assert "not in UTF-8" in complaints(tmp_path / "binary.txt", tmp_path)[0]
    (tmp_path / "nul.txt").write_bytes(b"a.mp4\0")
    assert "NUL" in complaints(tmp_path / "nul.txt", tmp_path)[0]
    os.mkfifo(tmp_path / "pipe")
    assert "names no clip" in complaints(tmp_path / "pipe", tmp_path)[0]


def test_a_listing_keeps_the_words_of_a_time_until_all_of_them_are_read(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("clip,recorded_at\na.mp4,yesterday\n")
    assert read_listing(tmp_path / "jobs.csv", tmp_path).entries[0].recorded_at == "yesterday"
