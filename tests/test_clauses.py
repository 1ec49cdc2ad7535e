"""The guideline, clause by clause: for each row of its table, what an auditor would do, done here with the commands.

Each story begins at a site whose rules are adopted (`enter`), and types what a clerk types; only the clock is moved by hand.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.cli import clock, policy, progress
from privmask.cli.ending import run
from privmask.errors import PrivmaskError
from privmask.office import REGISTER, VAULT
from privmask.policy import Ground, required_fields
from privmask.preview import save_new, still
from privmask.register.vault import open_vault
from privmask.street import write_street
from tests.cli.conftest import Done, Privmask
from tests.cli.governed import AT, enter
from tests.conftest import ROOT
from tests.offices import adopt
from tests.policy.test_requests import without
from tests.register.made import edited
from tests.register.vaults import RECIPIENT
from tests.test_governing import NO_REFERENCE
from tests.test_provision import DISC
from tests.test_requesting import form

NAME = "高橋 三郎"
DAY = timedelta(days=1)
RECORDED = "2026-11-19T21:30+09:00"
GATE = ("--site", "site.toml", "--camera", "gate", "--recorded-at", RECORDED)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of the drawn street; read-only for tests."""
    folder = tmp_path_factory.mktemp("clip")
    write_street(folder / "street.y4m")
    head, *frames = (folder / "street.y4m").read_bytes().split(b"FRAME\n", 7)[:7]
    (folder / "clip.y4m").write_bytes(b"FRAME\n".join([head, *frames]))
    return folder / "clip.y4m"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Adopted rules in the working folder."""
    return enter(tmp_path, monkeypatch, NO_REFERENCE)


@pytest.fixture
def clerk(site: Path, capsys: pytest.CaptureFixture[str]) -> Privmask:
    """`clerk("due")` types `privmask due` in the site's folder."""
    assert site.exists()

    def typed(*words: object) -> Done:
        capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return typed


def done(found: Done) -> Done:
    assert found.code == 0, found.out + found.err
    return found


def asked(clerk: Privmask, ground: Ground = Ground.INVESTIGATION, **changes: Any) -> str:
    """The id of a request that the manager approved."""
    Path("request.json").write_text(json.dumps(form(ground, **changes)))
    id = done(clerk("request", "new", "--as", "suzuki", "--from", "request.json", "--json")).data["request_id"]
    done(clerk("request", "decide", id, "--as", "sato", "--approve", "--reason", "必要である"))
    return str(id)


def masked(clerk: Privmask, clip: Path, *more: str) -> Done:
    return clerk("mask", clip, "-o", "copy.mp4", *GATE, *more, "--json")


def copied(clerk: Privmask, clip: Path, *more: str) -> str:
    """The id of a copy that was made for an approved request."""
    made = done(masked(clerk, clip, "--request", asked(clerk), "--as", "suzuki", *more))
    return str(made.data["copy_id"])


def provided(clerk: Privmask, copy_id: str, *more: str) -> Done:
    words = ("--to", NAME, "--medium", DISC, "--recipient", RECIPIENT, "-o", "copy.age", "--as", "suzuki")
    return clerk("provide", copy_id, *words, *more)


def counted(condition: str) -> int:
    """How many entries of the register that condition of SQL holds for."""
    connection = sqlite3.connect(REGISTER)
    try:
        query = (
            "SELECT count(*) FROM (SELECT json_extract(body, '$.kind') AS kind, json_extract(body, '$.body') AS body,"
            f" json_extract(body, '$.actor') AS actor FROM entry) WHERE {condition}"
        )
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


def at_rest() -> set[str]:
    """The ids of the copies whose folders are on the disk."""
    folder = Path(VAULT, "copies")
    return {each.name for each in folder.iterdir()} if folder.exists() else set()


def later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT + days * DAY)


def changed(site: Path, old: str, new: str) -> None:
    text = site.read_text()
    assert old in text
    site.write_text(text.replace(old, new, 1))


def wrong(clerk: Privmask) -> set[str]:
    """The clauses under which the audit finds something wrong."""
    found = clerk("inspect-site", "--audit", "--json")
    clauses = {each["clause"] for each in found.data["findings"] if each["weight"] == "wrong"}
    assert found.code == (3 if clauses else 0)
    return clauses


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def handle_data(self, data: str) -> None:
        self.words += data


def words_of(page: Path) -> str:
    """The text of a page, without its tags."""
    parser = _Words()
    parser.feed(page.read_text("utf-8"))
    return parser.words


def test_i_1_the_public_summary_counts_what_sql_counts_and_names_no_person(clerk: Privmask, clip: Path) -> None:
    copy_id = copied(clerk, clip)
    done(provided(clerk, copy_id))
    done(clerk("erase", copy_id, "--as", "suzuki"))
    assert masked(clerk, clip, "--as", "suzuki").code == 5
    counts = done(clerk("report", "--json")).data["counts"]
    sql = {"copies": "kind = 'copy'", "erasures": "kind = 'erasure'", "refusals": "kind = 'refusal'"}
    assert {key: counts[key] for key in sql} == {key: counted(each) for key, each in sql.items()}
    assert set(sql) == {key for key, count in counts.items() if count}
    by_ground = done(clerk("report", "--json")).data["by_ground"]
    assert by_ground["investigation"]["provisions"] == counted("kind = 'provision'") == 1
    told = done(clerk("--lang", "ja", "report")).out
    assert "中央通り北口" in told
    assert not any(word in told for word in (NAME, "佐藤", "鈴木", "sato", "suzuki"))


@pytest.mark.parametrize("name", ["crime_prevention", "public_place", "recording"])
def test_i_2_one_false_of_the_three_is_outside_the_guideline(clerk: Privmask, site: Path, name: str) -> None:
    assert done(clerk("policy", "check", "--json")).data["guideline_applies"] is True
    changed(site, f"{name} = true", f"{name} = false")
    assert done(clerk("policy", "check", "--json")).data["guideline_applies"] is False
    assert "対象外です" in clerk("--lang", "ja", "policy", "check").out


def test_ii_1_a_copy_for_no_request_is_refused_and_leaves_no_file(clerk: Privmask, clip: Path) -> None:
    refused = masked(clerk, clip, "--as", "suzuki", "--keep-plain")
    assert (refused.code, refused.data["error"]["clause"]) == (5, "II-1")
    assert at_rest() == set()
    assert list(Path().rglob("*.mp4*")) == []
    assert clerk("request", "fields", "other").code == 2
    span = ("--camera", "gate", "--from", RECORDED, "--until", "2026-11-19T21:40+09:00")
    assert clerk("view", *span, "--purpose", "curiosity", "--as", "suzuki").code == 5
    assert counted("kind = 'refusal'") == 2


def shifted(clip: Path, target: Path, pixels: int) -> Path:
    """The clip as a camera sees it that was turned by so many samples."""
    with av.open(str(clip)) as source, av.open(str(target), "w") as sink:
        stream = sink.add_stream("ffv1", rate=12)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for frame in source.decode(video=0):
            picture = np.roll(frame.to_ndarray(format="rgb24"), pixels, axis=1)
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")))
        sink.mux(stream.encode(None))
    return target


def test_ii_2_a_camera_that_moved_is_refused_and_accepted_when_it_is_back(
    clerk: Privmask, site: Path, clip: Path, tmp_path: Path
) -> None:
    picture = 'reference = { picture = "reference/gate.png", taken_at = 2026-04-01T10:00:00+09:00 }'
    (site.parent / "reference" / "gate.png").unlink()
    save_new(still(clip), site.parent / "reference" / "gate.png")
    changed(site, "frame = [1920, 1080]\n", f"frame = [1920, 1080]\n{picture}\n")
    adopt(site)
    request = asked(clerk)
    moved = shifted(clip, tmp_path / "moved.mkv", 40 * 640 // 1920)
    refused = masked(clerk, moved, "--request", request, "--as", "suzuki")
    assert (refused.code, refused.data["error"]["clause"]) == (5, "II-2")
    pictures = at_rest()
    assert len(pictures) == 1, "both pictures that show it, and no copy"
    back = shifted(clip, tmp_path / "back.mkv", 0)
    assert done(masked(clerk, back, "--request", request, "--as", "suzuki")).data["copy_id"] in at_rest() - pictures


def test_ii_3_the_printed_sign_says_what_the_rules_say(clerk: Privmask) -> None:
    done(clerk("policy", "sign", "-o", "sign.html"))
    printed = words_of(Path("sign.html"))
    for words in ("防犯カメラ作動中", "中央通り商店街振興組合", "中央通り商店街振興組合事務所", "000-000-0000"):
        assert words in printed


def test_ii_4_unknown_and_expired_actors_are_refused_and_the_refusals_recorded(
    clerk: Privmask, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = asked(clerk)
    assert masked(clerk, clip, "--request", request, "--as", "nobody").data["error"]["clause"] == "II-4"
    later(monkeypatch, 60)
    expired = masked(clerk, clip, "--request", request, "--as", "tanaka")
    assert (expired.code, expired.data["error"]["clause"]) == (5, "II-4")
    assert at_rest() == set()
    assert counted("kind = 'refusal' AND actor = 'unknown'") == 1
    assert counted("kind = 'refusal' AND actor = 'tanaka'") == 1
    assert counted("actor IS NULL OR actor = ''") == 0


def test_ii_5_no_planted_name_is_told_and_nothing_is_open_to_others(clerk: Privmask, clip: Path) -> None:
    given = {*Path().rglob("*"), Path("request.json")}
    copy_id = copied(clerk, clip)
    said = [provided(clerk, copy_id), provided(clerk, copy_id), clerk("request", "list"), clerk("register", "list")]
    said += [
        masked(clerk, clip, "--as", NAME),
        clerk("request", "decide", NAME, "--as", "sato", "--approve", "--reason", "x"),
    ]
    said += [provided(clerk, copy_id, "--slip", "slip.html", "--to", f"{NAME}の知人"), clerk("report"), clerk("due")]
    assert {each.code for each in said} >= {0, 5, 7}
    assert not any(part in each.out + each.err for each in said for part in NAME.split())
    open_to_others = subprocess.run(["find", ".", "-perm", "/077"], capture_output=True, text=True, check=True)
    assert {Path(each) for each in open_to_others.stdout.splitlines()} <= given | {Path()}
    on_paper = {Path("copy.age.record.html"), Path("request.json"), *Path(REGISTER).parent.iterdir()}
    for path in set(Path().rglob("*")) - on_paper:
        assert NAME not in path.name
        assert not path.is_file() or NAME.encode() not in path.read_bytes()


HEARD: list[str] = []


def _hear(event: str, _: object) -> None:
    if event.startswith("socket."):
        HEARD.append(event)


def test_ii_6_1_no_socket_is_opened_and_no_copy_lies_open(clerk: Privmask, clip: Path, tmp_path: Path) -> None:
    sys.addaudithook(_hear)  # it stays for the rest of this process, and only listens
    HEARD.clear()
    copy_id = copied(clerk, clip)
    before = counted("1")
    done(provided(clerk, copy_id))
    assert counted("kind = 'provision'") == counted("1") - before == 1
    done(clerk("register", "verify"))
    done(clerk("inspect-site", "--audit"))
    assert HEARD == []
    open_vault(VAULT).take(copy_id, tmp_path / "out")
    piece = (tmp_path / "out" / "copy.mp4").read_bytes()[2000:2064]
    assert not any(piece in path.read_bytes() for path in Path().rglob("*") if path.is_file())
    assert Path("copy.age").read_bytes().startswith(b"age-encryption.org/v1")


def test_ii_6_2_copies_on_the_disk_are_those_made_less_those_erased(clerk: Privmask, clip: Path) -> None:
    first = copied(clerk, clip)
    exception = ("--exception", "機器の故障の確認")
    assert masked(clerk, clip, *exception, "--as", "suzuki").data["error"]["clause"] == "II-4"
    second = done(masked(clerk, clip, *exception, "--as", "sato")).data["copy_id"]
    assert at_rest() == {first, second}
    assert done(clerk("report", "--json")).data["counts"]["exceptions"] == counted("kind = 'exception'") == 1
    done(clerk("erase", first, "--as", "suzuki"))
    assert at_rest() == {second}
    assert len(at_rest()) == counted("kind = 'copy'") - counted("kind = 'erasure'")
    assert wrong(clerk) == set()
    shutil.rmtree(Path(VAULT, "copies", second))
    assert wrong(clerk) == {"II-6(2)"}


@contextmanager
def _spoiling(clip: Path) -> Iterator[Callable[[Any], None]]:
    """In the place of the progress bar: at the third frame one byte of the clip becomes another."""

    def told(stage: Any) -> None:
        if stage.frames == 3:
            data = bytearray(clip.read_bytes())
            data[-1] ^= 1
            clip.write_bytes(data)

    yield told


def test_ii_6_2_original_is_never_altered(
    clerk: Privmask, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "gate.y4m"
    shutil.copy(clip, own)
    request = asked(clerk)
    before = (own.read_bytes(), own.stat().st_mtime_ns, own.stat().st_ino)
    done(masked(clerk, own, "--request", request, "--as", "suzuki"))
    (tmp_path / "other.mp4").symlink_to(own)
    for name in (own, tmp_path / "other.mp4"):
        words = ("--keep-plain", "--request", request, "--as", "suzuki")
        assert clerk("mask", own, "-o", name, *GATE, *words).code in (2, 7)
    assert (own.read_bytes(), own.stat().st_mtime_ns, own.stat().st_ino) == before
    there = at_rest()
    monkeypatch.setattr(progress, "progress_bar", lambda: _spoiling(own))
    assert masked(clerk, own, "--request", request, "--as", "suzuki", "--keep-plain").code == 4
    assert at_rest() == there
    assert not Path("copy.mp4").exists()


def frames_of(film: Path) -> tuple[list[float | None], list[NDArray[np.uint8]]]:
    """The times of the frames, and their samples: brightness, then both colours, in rows as wide as the picture."""
    with av.open(str(film)) as opened:
        frames = list(opened.decode(video=0))
    return [each.time for each in frames], [each.to_ndarray(format="yuv420p").astype(np.uint8) for each in frames]


def test_ii_6_2_a_copy_is_altered_only_to_protect_privacy(clerk: Privmask, clip: Path) -> None:
    copied(clerk, clip, "--lossless", "--keep-plain")
    times, original = frames_of(clip)
    copy_times, copy = frames_of(Path("copy.mp4"))
    assert copy_times == times
    public = np.ones((360, 640), dtype=bool)
    public[70:182, 62:194] = False  # around the rules' zone, which is a triangle
    hidden = (slice(80, 100), slice(150, 190))  # within it
    for then, now in zip(original, copy, strict=True):
        assert now.shape == then.shape
        assert np.array_equal(now[:360][public], then[:360][public])
        assert not np.array_equal(now[:360][hidden], then[:360][hidden])
        assert np.unique(now[:360][hidden]).size == 1
    for kind in ("Crop", "Sharpen", "Caption", "Pixelate"):
        plan = Path("plan.toml")
        zone = f'[[mask]]\ntoken = "a"\nreason = "b"\npolygon = [[0, 0], [1, 0], [1, 1]]\ntype = "{kind}"\n'
        plan.write_text(f'format = "privmask.plan.v1"\n{zone}')
        assert clerk("zones", "check", plan).code == 2


def test_ii_6_3_rules_without_days_of_keeping_are_refused_and_many_are_warned_of(
    clerk: Privmask, site: Path, clip: Path
) -> None:
    copied(clerk, clip)
    assert counted("kind = 'copy' AND datetime(json_extract(body, '$.erase_due')) = '2026-12-23 04:00:00'") == 1
    changed(site, "copies_days = 30", "copies_days = 32")
    (warning,) = (each for each in clerk("policy", "check", "--json").data["complaints"] if each["clause"] == "II-6(3)")
    assert (warning["place"], warning["severity"]) == ("retention.copies_days", "warning")
    changed(site, "copies_days = 32\n", "")
    found = clerk("policy", "check", "--json")
    assert found.code == 2
    assert ("retention.copies_days", "II-6(3)") in {
        (each["place"], each["clause"]) for each in found.data["complaints"]
    }


def test_ii_6_4_what_is_due_is_listed_erased_and_recorded_and_a_hold_blocks_until_it_expires(
    clerk: Privmask, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def due() -> list[str]:
        return [each["about"] for each in done(clerk("due", "--json")).data["due"] if each["overdue"]]

    held, free = copied(clerk, clip), copied(clerk, clip)
    done(clerk("hold", held, "--until", "2026-12-31", "--reason", "訴訟", "--as", "sato"))
    assert due() == []
    later(monkeypatch, 31)
    assert due() == [free]
    assert done(clerk("erase", "--due", "--as", "suzuki", "--json")).data["on_hold"] == [held]
    assert clerk("erase", held, "--as", "suzuki").code == 5
    assert at_rest() == {held}
    assert counted(f"kind = 'erasure' AND json_extract(body, '$.copy_id') = '{free}'") == 1
    later(monkeypatch, 39)
    assert held in due()
    done(clerk("erase", "--due", "--as", "suzuki"))
    assert at_rest() == set()
    assert counted("kind = 'erasure' AND json_extract(body, '$.cannot_promise') IS NOT NULL") == 2


def test_ii_6_5_every_retired_medium_wants_a_record_of_its_disposal(clerk: Privmask, site: Path) -> None:
    done(clerk("retire", "arcade", "--medium", "hdd-1", "--yes", "--as", "sato"))
    changed(site, "installed_on = 2026-04-01\nnothing", "installed_on = 2026-04-01\nretired_on = 2026-11-23\nnothing")
    adopt(site)
    assert wrong(clerk) == {"II-6(5)"}
    disposal = {
        "medium": "hdd-1", "disposed_on": "2026-11-23", "method": "shredded", "carried_out_by": NAME, "witness": NAME,
    }  # fmt: skip
    done(clerk("record", "disposal", "--as", "sato", *fields(disposal)))
    assert wrong(clerk) == set()


def fields(data: Mapping[str, str]) -> list[str]:
    return [word for name, value in data.items() for word in ("--set", f"{name}={value}")]


def test_ii_6_6_connected_without_a_measure_an_inspection_fails(clerk: Privmask, site: Path) -> None:
    assert wrong(clerk) == set()
    changed(site, '"ウイルス対策ソフトウェアの使用", "初期パスワードの変更"', "")
    assert "II-6(6)" in wrong(clerk)
    changed(site, "connected = true", "connected = false")
    adopt(site)
    assert wrong(clerk) == set()


@pytest.mark.parametrize("ground", list(Ground))
def test_ii_7_1_without_any_one_of_its_fields_a_request_is_refused(clerk: Privmask, ground: Ground) -> None:
    needed = [path for path, _ in required_fields(ground) if path != "request_id"]
    assert any(path.startswith("evidence.") for path in needed)
    for path in needed:
        Path("request.json").write_text(json.dumps(without(form(ground), [path])))
        refused = clerk("request", "new", "--as", "suzuki", "--from", "request.json", "--json")
        assert (refused.code, path in refused.data["error"]["message"]) == (5, True), refused.out
    assert counted("kind = 'request'") == 0
    assert counted("kind = 'refusal'") == len(needed)
    assert asked(clerk, ground) == "R-2026-0001"


def _edit(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE entry SET body = replace(body, 'suzuki', 'tanaka') WHERE seq = 2")


def _delete(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM entry WHERE seq = 3")


def _truncate(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)")


@pytest.mark.parametrize(("harm", "first"), [(_edit, 2), (_delete, 3), (_truncate, 5)])
def test_ii_7_2_a_register_that_was_edited_thinned_or_cut_is_named_as_such(
    clerk: Privmask, harm: Callable[[sqlite3.Connection], None], first: int
) -> None:
    id = asked(clerk, kind="view")
    assert clerk("request", "decide", id, "--as", "suzuki", "--approve", "--reason", "x").code == 5
    span = ("--camera", "gate", "--from", RECORDED, "--until", "2026-11-19T21:40+09:00")
    done(clerk("view", *span, "--request", id, "--as", "suzuki"))
    kinds = [each["kind"] for each in done(clerk("register", "list", "--json")).data["entries"]]
    assert kinds == ["adoption", "request", "decision", "refusal", "view"]
    Path("head.txt").write_text(done(clerk("register", "head")).out)
    done(clerk("register", "verify", "--anchor", "head.txt"))
    with edited(Path(REGISTER)) as connection:
        harm(connection)
    found = clerk("register", "verify", "--anchor", "head.txt", "--json")
    assert (found.code, found.data["holds"], found.data["faults"][0]["seq"]) == (3, False, first)
    assert "II-7(2)" in wrong(clerk) or harm is _truncate  # an inspection without the head cannot see a cut


def test_ii_8_a_complaint_without_an_answer_is_listed_when_it_is_overdue(
    clerk: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = {
        "received_at": "2026-11-23 10:00", "channel": "phone", "subject": "view", "text": "窓が写っている",
        "complainant": NAME, "contact": "000-000-0000", "camera": "gate",
    }  # fmt: skip
    id = done(clerk("record", "complaint", "--as", "suzuki", *fields(complaint), "--json")).data["id"]

    def overdue() -> list[tuple[str, str]]:
        return [(each["about"], each["clause"]) for each in done(clerk("due", "--json")).data["due"] if each["overdue"]]

    assert overdue() == []
    later(monkeypatch, 15)
    assert overdue() == [(id, "II-8")]
    assert wrong(clerk) == {"II-8"}
    answer = {"complaint_id": id, "answered_at": "2026-12-08 12:00", "answer": "窓を隠した"}
    done(clerk("record", "answer", "--as", "sato", *fields(answer)))
    assert overdue() == []


def test_ii_9_a_contractors_person_is_refused_when_access_has_ended(clerk: Privmask, site: Path, clip: Path) -> None:
    request = asked(clerk)
    done(masked(clerk, clip, "--request", request, "--as", "tanaka"))
    changed(site, "access_ends = 2027-03-31", "access_ends = 2026-11-22")
    assert clerk("policy", "check").code == 2  # while somebody of theirs may still act
    changed(site, "valid_until = 2026-12-31", "valid_until = 2026-11-22")
    adopt(site)
    refused = masked(clerk, clip, "--request", request, "--as", "tanaka")
    assert refused.code == 5
    assert "II-9" in wrong(clerk)
    assert len(at_rest()) == 1
    assert counted("kind = 'refusal' AND actor = 'tanaka'") == 1


def test_ii_10_two_skipped_inspections_fail(clerk: Privmask, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed(site, "interval_days = 90", "interval_days = 10")
    adopt(site)
    done(clerk("record", "briefing", "--as", "sato", *fields({"on": "2026-11-23", "audience": "全員", "how": "説明"})))
    Path("answers.json").write_text("[true, true]")
    head = done(clerk("inspect-site", "--as", "suzuki", "--answers", "answers.json")).out
    assert "privmask.receipt.v1" in head
    later(monkeypatch, 15)
    assert wrong(clerk) == set()
    later(monkeypatch, 25)
    assert wrong(clerk) == {"II-10"}


def test_ii_10_a_key_that_others_can_read_signs_nothing(clerk: Privmask, clip: Path, tmp_path: Path) -> None:
    request = asked(clerk)
    key = tmp_path / "keys" / "signing-key"
    key.chmod(0o644)
    refused = masked(clerk, clip, "--request", request, "--as", "suzuki")
    assert refused.code == 2
    assert "signing-key" in refused.data["error"]["message"]
    assert at_rest() == set()
    assert wrong(clerk) == {"II-10"}
    key.chmod(0o600)
    done(masked(clerk, clip, "--request", request, "--as", "suzuki"))


def test_ii_10_after_a_retirement_nothing_decrypts(clerk: Privmask, clip: Path, tmp_path: Path) -> None:
    copy_id = copied(clerk, clip)
    open_vault(VAULT).take(copy_id, tmp_path / "before")
    shutil.copytree(Path(VAULT, "copies"), tmp_path / "stolen")
    retired = done(clerk("retire", "--whole-site", "--medium", "hdd-1", "--yes", "--as", "sato", "--json"))
    assert retired.data["media"] == ["hdd-1"]
    assert at_rest() == set()
    shutil.copytree(tmp_path / "stolen", Path(VAULT, "copies"), dirs_exist_ok=True)
    with pytest.raises(PrivmaskError):
        open_vault(VAULT).take(copy_id, tmp_path / "out")
    assert provided(clerk, copy_id).code == 5
    assert not (tmp_path / "out").exists()


def test_iii_one_changed_character_stops_the_commands_until_the_rules_are_adopted_again(
    clerk: Privmask, site: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "_now", lambda: AT)
    copy_id = copied(clerk, clip)
    changed(site, "鈴木 一郎", "鈴木 二郎")
    stopped = [
        masked(clerk, clip, "--exception", "試験", "--as", "sato"), provided(clerk, copy_id), clerk("due"),
        clerk("request", "new", "--as", "suzuki", "--from", "request.json"), clerk("erase", copy_id, "--as", "suzuki"),
    ]  # fmt: skip
    assert {each.code for each in stopped} == {5}
    assert at_rest() == {copy_id}
    assert clerk("policy", "adopt", "--as", "suzuki").code == 5
    done(clerk("policy", "adopt", "--as", "sato"))
    done(provided(clerk, copy_id))
    entries = done(clerk("register", "list", "--json")).data["entries"]
    first, *_, last = (each["policy_sha256"] for each in entries)
    assert first != last
    assert last == hashlib.sha256(site.read_bytes()).hexdigest()
    assert {each["policy_sha256"] for each in entries} == {first, last}


CLAIM = re.compile(r"適合|準拠|complian|complie", re.IGNORECASE)
DENIAL = re.compile(r"適合を(証明する|保証する)もの|not prove")


def test_iv_every_ground_names_its_article_and_no_document_claims_compliance(clerk: Privmask, clip: Path) -> None:
    assert all(re.search(r"第\d+条", ground.article.ja) for ground in Ground)
    done(provided(clerk, copied(clerk, clip)))
    done(clerk("policy", "print", "-o", "kitei.html"))
    done(clerk("--lang", "ja", "report", "-o", "report.html"))
    documents = [words_of(Path(name)) for name in ("kitei.html", "report.html", "copy.age.record.html")]
    assert all(DENIAL.search(each) for each in documents)
    spoken = [clerk("--lang", language, *words).out for language in ("ja", "en") for words in SPOKEN]
    for sentence in re.split(r"[。\n]", "\n".join([*documents, *spoken])):
        assert not CLAIM.search(sentence) or DENIAL.search(sentence), sentence


SPOKEN = (("policy", "check"), ("inspect-site", "--audit"), ("report",))


def test_the_readme_names_the_story_of_every_clause() -> None:
    named = re.findall(r"`(test_i\w+)`", (ROOT / "README.ja.md").read_text("utf-8"))
    assert named == [name for name in globals() if name.startswith("test_i")]
