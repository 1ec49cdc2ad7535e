"""II-1, II-2, II-6(2), II-7: a governed copy has its request, its camera, its time and its zones, or there is none."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.demanding import demanded_plan
from privmask.errors import CopyError, CopyExistsError, DetectorError, FootageError, PlanError, PolicyError
from privmask.geometry import Box, Polygon
from privmask.governing import Errand, Governed, copy_governed
from privmask.inspecting import inspect
from privmask.keeping import erase_all_due
from privmask.masks import DynamicMask, Follow, Keep, Mask, MaskPlan
from privmask.office import Office, open_office
from privmask.owing import owed
from privmask.policy import Ground
from privmask.provision import HandOver, provide_copy
from privmask.requesting import decide_request, file_request
from privmask.street import write_street
from privmask.viewing import Reason, view_copy
from privmask.watching import Looking
from privmask.workroom import ROOM
from tests.finders import Scripted, finder
from tests.offices import adopt, make_site, signer_of
from tests.policy.sites import NOON
from tests.register.vaults import RECIPIENT
from tests.test_requesting import form

AT = NOON + timedelta(hours=1)
RECORDED = datetime.fromisoformat("2026-11-19T21:30:00+09:00")
WINDOW = ((Fraction(1, 10), Fraction(1, 10)), (Fraction(2, 10), Fraction(1, 10)), (Fraction(2, 10), Fraction(3, 10)))
NO_REFERENCE = ('reference = { picture = "reference/gate.png", taken_at = 2026-04-01T10:00:00+09:00 }\n', "")
NOTHING = MaskPlan(())


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of the street."""
    folder = tmp_path_factory.mktemp("clip")
    write_street(folder / "street.y4m")
    head, *frames = (folder / "street.y4m").read_bytes().split(b"FRAME\n", 7)[:7]
    (folder / "clip.y4m").write_bytes(b"FRAME\n".join([head, *frames]))
    return folder / "clip.y4m"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(make_site(tmp_path / "site", NO_REFERENCE), AT) as opened:
        yield opened


def approved(office: Office, ground: Ground = Ground.INVESTIGATION, **changes: Any) -> str:
    id, _ = file_request(office, "suzuki", form(ground, **changes))
    decide_request(office, "sato", id, "approved", "必要である")
    return id


def copied(
    office: Office,
    clip: Path,
    errand: Errand,
    by: str = "suzuki",
    extra: MaskPlan = NOTHING,
    looking: Looking | None = None,
) -> Governed:
    copy, signer = office.folder.parent / "copy.mp4", signer_of(office.site_path)
    return copy_governed(office, by, clip, copy, errand, extra, signer=signer, clock=lambda: AT, looking=looking)


def files(office: Office) -> set[str]:
    """Every file around the site that is a copy or a piece of one."""
    found = [path for path in office.folder.parent.rglob("*") if path.is_file()]
    return {str(path) for path in found if "mp4" in path.name or {"copies", "drafts", ROOM} & {*path.parts}}


def refused(office: Office, clip: Path, errand: Errand, by: str = "suzuki", extra: MaskPlan = NOTHING) -> PolicyError:
    before = len(list(office.register.entries("refusal")))
    with pytest.raises(PolicyError) as refusal:
        copied(office, clip, errand, by, extra)
    *_, entry = office.register.entries("refusal")
    assert len(list(office.register.entries("refusal"))) == before + 1
    assert (entry.body["act"], entry.body["clause"]) == ("mask", refusal.value.clause)
    assert files(office) == set()
    assert list(office.register.entries("copy")) == []
    return refusal.value


def test_a_copy_for_an_approved_request_is_recorded_and_kept_in_the_vault(office: Office, clip: Path) -> None:
    id = approved(office)
    done = copied(office, clip, Errand("gate", RECORDED, id))
    entry = office.register.entry(done.receipt.seq)
    (held,) = office.vault().held()
    assert (entry.kind, entry.actor, entry.body["copy_id"]) == ("copy", "suzuki", held.id)
    assert (entry.body["request_id"], entry.body["camera"]) == (id, "gate")
    assert entry.body["copies"][0]["sha256"] == held.sha256
    assert datetime.fromisoformat(str(entry.body["erase_due"])) == AT + timedelta(days=30)
    assert entry.personal == {}
    assert list((office.folder / ROOM).iterdir()) == []
    assert not (office.folder.parent / "copy.mp4").exists()


def test_a_copy_is_recorded_in_the_site_s_zone_whatever_the_machine_s_is(office: Office, clip: Path) -> None:
    errand, signer = Errand("gate", RECORDED, approved(office)), signer_of(office.site_path)
    later = AT.astimezone(UTC) + timedelta(minutes=5)
    copy = office.folder.parent / "copy.mp4"
    done = copy_governed(office, "suzuki", clip, copy, errand, NOTHING, signer=signer, clock=lambda: later)
    at = office.register.entry(done.receipt.seq).at
    assert (at, at.utcoffset()) == (later, timedelta(hours=9))


def test_what_the_vault_holds_verifies_like_any_copy(office: Office, clip: Path, tmp_path: Path) -> None:
    done = copied(office, clip, Errand("gate", RECORDED, approved(office)))
    office.vault().take(done.copy_id, tmp_path / "out")
    assert (
        subprocess.run(["sha256sum", "-c", "copy.mp4.SHA256SUMS"], cwd=tmp_path / "out", capture_output=True).returncode
        == 0
    )
    statement = json.loads((tmp_path / "out" / "copy.mp4.provenance.json").read_bytes())
    assert [mask["token"] for mask in statement["predicate"]["plan"]["mask"]] == ["neighbour-window"]


def test_ii_6_1_the_site_holds_no_open_picture_afterwards(office: Office, clip: Path, tmp_path: Path) -> None:
    done = copied(office, clip, Errand("gate", RECORDED, approved(office)))
    office.vault().take(done.copy_id, tmp_path / "out")
    piece = (tmp_path / "out" / "copy.mp4").read_bytes()[2000:2064]
    assert not any(piece in path.read_bytes() for path in office.folder.rglob("*") if path.is_file())


def test_a_copy_that_is_to_stay_open_stays_under_its_name(office: Office, clip: Path) -> None:
    done = copied(office, clip, Errand("gate", RECORDED, approved(office), keep_plain=True))
    assert done.plain == office.folder.parent / "copy.mp4"
    assert done.plain.stat().st_mode & 0o077 == 0
    assert len(list(office.vault().held())) == 1


def test_an_open_copy_replaces_nothing(office: Office, clip: Path) -> None:
    (office.folder.parent / "copy.mp4").write_bytes(b"mine")
    with pytest.raises(CopyExistsError):
        copied(office, clip, Errand("gate", RECORDED, approved(office), keep_plain=True))
    assert (office.folder.parent / "copy.mp4").read_bytes() == b"mine"
    assert list(office.register.entries("copy")) == []


def test_ii_1_no_copy_without_a_request(office: Office, clip: Path) -> None:
    assert refused(office, clip, Errand("gate", RECORDED)).clause == "II-1"


def test_ii_7_2_no_copy_for_a_request_that_is_open_or_refused(office: Office, clip: Path) -> None:
    id, _ = file_request(office, "suzuki", form())
    assert refused(office, clip, Errand("gate", RECORDED, id)).clause == "II-7(2)"
    decide_request(office, "sato", id, "refused", "必要がない")
    assert refused(office, clip, Errand("gate", RECORDED, id)).clause == "II-7(2)"


def test_ii_6_2_no_copy_for_a_request_to_view(office: Office, clip: Path) -> None:
    assert refused(office, clip, Errand("gate", RECORDED, approved(office, kind="view"))).clause == "II-7(1)"


def test_ii_7_1_no_copy_of_another_camera(office: Office, clip: Path) -> None:
    id = approved(office)
    assert refused(office, clip, Errand("arcade", RECORDED, id)).clause == "II-7(1)"
    assert refused(office, clip, Errand("roof", RECORDED, id)).clause in ("II-2", "II-7(1)")


@pytest.mark.parametrize(
    ("seconds", "allowed"), [(-1, False), (0, True), (3599.5, True), (3599.501, False), (3600, False), (-86400, False)]
)
def test_ii_7_1_no_copy_outside_the_span_of_the_request(
    office: Office, clip: Path, seconds: float, allowed: bool
) -> None:
    errand = Errand(
        "gate", datetime.fromisoformat("2026-11-19T21:00+09:00") + timedelta(seconds=seconds), approved(office)
    )
    if allowed:
        assert copied(office, clip, errand).copy_id
    else:
        assert refused(office, clip, errand).clause == "II-7(1)"


def test_the_length_of_a_clip_without_times_is_known_when_it_is_copied(
    office: Office, clip: Path, tmp_path: Path
) -> None:
    raw = tmp_path / "clip.h264"
    _as_raw(clip, raw)
    id = approved(office)
    end = datetime.fromisoformat("2026-11-19T22:00+09:00")
    refused(office, raw, Errand("gate", end - timedelta(seconds=0.1), id))
    assert copied(office, raw, Errand("gate", end - timedelta(seconds=1), id)).copy_id


def _as_raw(clip: Path, raw: Path) -> None:
    import av

    with av.open(str(clip)) as source, av.open(str(raw), "w", format="h264") as sink:
        stream = sink.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for frame in source.decode(video=0):
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))


def test_a_recording_that_is_to_come_or_of_a_camera_that_was_not_there_is_refused(office: Office, clip: Path) -> None:
    coming = replace(Errand("gate", AT, exception="試験"), recorded_at=AT - timedelta(milliseconds=100))
    assert refused(office, clip, coming, "sato").clause == "II-7(2)"
    early = Errand("gate", datetime.fromisoformat("2026-03-31T12:00+09:00"), exception="試験")
    assert refused(office, clip, early, "sato").clause == "II-2"


def test_ii_4_only_an_operator_copies_and_only_the_manager_makes_an_exception(office: Office, clip: Path) -> None:
    id = approved(office)
    assert refused(office, clip, Errand("gate", RECORDED, id), "sato").clause == "II-4"
    assert refused(office, clip, Errand("gate", RECORDED, id), "nobody").clause == "II-4"
    assert refused(office, clip, Errand("gate", RECORDED, exception="急ぐ"), "suzuki").clause == "II-4"


def test_ii_6_2_an_exception_is_the_managers_recorded_and_counted(office: Office, clip: Path) -> None:
    assert refused(office, clip, Errand("gate", RECORDED, exception=" "), "sato").clause == "II-6(2)"
    done = copied(office, clip, Errand("gate", RECORDED, exception="機器の故障の確認"), "sato")
    (exception,) = office.register.entries("exception")
    assert (exception.actor, exception.personal["exception.reason"]) == ("sato", "機器の故障の確認")
    assert office.register.entry(done.receipt.seq).body["exception"] is True


def test_the_cameras_zones_of_the_recordings_date_are_hidden_whatever_else_is(office: Office, clip: Path) -> None:
    id = approved(office)
    own = MaskPlan((Mask("neighbour-window", Polygon(WINDOW), "Pixelated"),))
    done = copied(office, clip, Errand("gate", RECORDED, id), extra=own)
    assert done.result.frames == 6
    camera = office.site.camera("gate")
    summer = demanded_plan(office.site_path, camera, (datetime(2026, 7, 1).date(),) * 2, None, own)
    assert [mask.token for mask in summer.masks] == ["neighbour-window", "building-site", "neighbour-window-2"]
    autumn = demanded_plan(office.site_path, camera, (datetime(2026, 11, 1).date(),) * 2, None, own)
    assert [mask.token for mask in autumn.masks] == ["neighbour-window", "neighbour-window-2"]


def test_where_nothing_is_private_something_must_be_named(office: Office, clip: Path) -> None:
    id = approved(office, cameras=["arcade"])
    with pytest.raises(PlanError, match="--faces"):
        copied(office, clip, Errand("arcade", RECORDED, id))
    assert files(office) == set()


DAYS = (RECORDED.date(), RECORDED.date())


def demanded(office: Office, ground: Ground, extra: MaskPlan) -> MaskPlan:
    return demanded_plan(office.site_path, office.site.camera("gate"), DAYS, ground, extra)


WEAK = DynamicMask(
    "face",
    margin=Fraction(0),
    min_size=400,
    model="none",
    search=(Polygon(WINDOW),),
    ignore=(Polygon(WINDOW),),
    enabled=False,
)


@pytest.mark.parametrize("extra", [NOTHING, MaskPlan((), dynamic=(WEAK,), follow=Follow(Fraction(0), Fraction(0)))])
def test_ii_7_1_for_the_person_in_the_pictures_every_other_face_is_hidden(office: Office, extra: MaskPlan) -> None:
    plan = demanded(office, Ground.SUBJECT, extra)
    (face,) = plan.dynamic
    assert face.enabled
    assert (face.label, face.model, face.search, face.ignore) == ("face", "auto", (), ())
    assert (face.min_size, face.margin) == (16, Fraction(3, 10))
    assert plan.follow == Follow()
    assert demanded(office, Ground.INVESTIGATION, NOTHING).dynamic == ()


def test_ii_7_1_faces_are_searched_and_hidden_in_a_copy_for_the_person_in_the_pictures(
    office: Office, clip: Path
) -> None:
    detector = Scripted({frame: Box(300, 100, 340, 150) for frame in range(6)})
    done = copied(
        office,
        clip,
        Errand("gate", RECORDED, approved(office, Ground.SUBJECT)),
        looking=Looking(finder=finder(detector)),
    )
    assert sorted(detector.asked) == list(range(6))
    assert done.result.sightings == {"face": 1}
    office.vault().take(done.copy_id, office.folder.parent / "out")
    assert (office.folder.parent / "out" / "copy.mp4.private-tracks.jsonl").exists()


def test_a_detector_that_fails_leaves_no_file(office: Office, clip: Path) -> None:
    detector = Scripted({}, broken=[3])
    errand = Errand("gate", RECORDED, approved(office, Ground.SUBJECT))
    with pytest.raises(DetectorError):
        copied(office, clip, errand, looking=Looking(finder=finder(detector)))
    assert files(office) == set()
    assert list((office.folder / ROOM).iterdir()) == []


def test_only_the_applicants_own_track_stays_visible(office: Office) -> None:
    own = Keep("applicant", "asks", track=3)
    assert demanded(office, Ground.SUBJECT, MaskPlan((), keep=(own,))).keep == (own,)
    with pytest.raises(PolicyError) as refusal:
        demanded(office, Ground.SUBJECT, MaskPlan((), keep=(Keep("all", "x", polygon=Polygon(WINDOW)),)))
    assert refusal.value.clause == "II-7(1)"


ARCADE = """\
format = "privmask.plan.v1"
[[dynamic]]
label = "face"
type = "Pixelated"
[[keep]]
name = "poster"
reason = "a printed face"
polygon = [["1/10", "1/10"], ["2/10", "1/10"], ["2/10", "3/10"]]
"""


def in_the_arcade(folder: Path, extra: MaskPlan) -> MaskPlan:
    """The plan for a camera whose rules hide all faces but that of a poster."""
    private = 'nothing_private = "通路と店舗の外壁だけが写り、住宅の窓は写らない"'
    site = make_site(folder / "site", (private, 'plan = "arcade.toml"'), adopted=False)
    (site.parent / "arcade.toml").write_text(ARCADE)
    adopt(site)
    with open_office(site, AT) as office:
        return demanded_plan(site, office.site.camera("arcade"), DAYS, None, extra)


def test_what_the_rules_hide_wherever_it_is_seen_is_not_left_visible(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refusal:
        in_the_arcade(tmp_path, MaskPlan((), keep=(Keep("a", "b", track=1),)))
    assert refusal.value.clause == "II-2"


def test_the_rules_own_moving_masks_stand_as_they_are(tmp_path: Path) -> None:
    plan = in_the_arcade(tmp_path, MaskPlan((), dynamic=(WEAK, DynamicMask("plate"))))
    assert {mask.label: mask.type for mask in plan.dynamic} == {"face": "Pixelated", "plate": "Color"}
    assert all(mask.enabled for mask in plan.dynamic)
    assert [keep.name for keep in plan.keep] == ["poster"]


def test_ii_2_a_camera_that_moved_is_refused_with_both_pictures_and_excepted_by_the_manager(
    tmp_path: Path, clip: Path
) -> None:
    from PIL import ImageChops

    from privmask.preview import save_new, still

    site = make_site(tmp_path / "site", adopted=False)
    (site.parent / "reference" / "gate.png").unlink()
    save_new(ImageChops.offset(still(clip), 25, 0), site.parent / "reference" / "gate.png")
    adopt(site)
    with open_office(site, AT) as office:
        id = approved(office)
        with pytest.raises(PolicyError) as refusal:
            copied(office, clip, Errand("gate", RECORDED, id))
        (drift,) = office.register.entries("drift")
        (picture,) = office.vault().held()
        assert refusal.value.clause == "II-2"
        assert f"privmask view {picture.id} --purpose crime-prevention --as suzuki" in str(refusal.value)
        assert (drift.body["camera"], drift.body["excepted"], drift.body["copy_id"]) == ("gate", False, picture.id)
        assert drift.body["copies"] == [{"bytes": picture.bytes, "sha256": picture.sha256}]
        assert drift.body["erase_due"] == office.erase_due.isoformat()
        assert list((site.parent / ROOM).iterdir()) == []
        assert [path.name for path in site.parent.rglob("*.png")] == ["gate.png"]  # the reference
        with view_copy(office, "suzuki", picture.id, Reason(purpose="crime-prevention")) as (folder, _):
            assert still(folder / "gate.png").width > still(clip).width
        with pytest.raises(PolicyError):
            provide_copy(office, "suzuki", picture.id, HandOver("高橋 三郎", "光ディスク", [RECIPIENT]), tmp_path / "x")
        (duty,) = (
            each for each in owed(office.site, list(office.register.entries()), office.at) if each.kind == "copy"
        )
        assert (duty.about, duty.due) == (picture.id, office.site.day(office.erase_due))
        assert {each.clause for each in inspect(site, AT).findings if each.weight == "wrong"} == set()
        office.at += timedelta(seconds=1)
        done = copied(office, clip, Errand("gate", RECORDED, id, exception="すぐに要る"), "sato")
        assert office.register.entry(done.receipt.seq).body["view"] == "excepted"
    with open_office(site, AT + timedelta(days=31)) as office:
        assert len(erase_all_due(office, "suzuki").erased) == 3  # the copy, and the picture of each refusal
        assert list(office.vault().held()) == []


def test_ii_2_a_camera_that_stands_still_is_accepted(tmp_path: Path, clip: Path) -> None:
    from privmask.preview import save_new, still

    site = make_site(tmp_path / "site", adopted=False)
    (site.parent / "reference" / "gate.png").unlink()
    save_new(still(clip), site.parent / "reference" / "gate.png")
    adopt(site)
    with open_office(site, AT) as office:
        done = copied(office, clip, Errand("gate", RECORDED, approved(office)))
        assert office.register.entry(done.receipt.seq).body["view"] == "0.00%"


def test_footage_that_cannot_be_read_leaves_no_file(office: Office, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    id = approved(office)
    with pytest.raises(FootageError):
        copied(office, tmp_path / "bad.mp4", Errand("gate", RECORDED, id))
    (tmp_path / "bad.mp4").unlink()
    assert files(office) == set()


def test_a_vault_that_cannot_be_written_leaves_no_file_and_the_register_says_so(
    office: Office, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise CopyError("disk full")

    id = approved(office)
    office.vault()
    for place in ("write_copy", "rename_no_replace"):
        for keep_plain in (False, True):
            with monkeypatch.context() as patch:
                patch.setattr(f"privmask.register.vault.{place}", full)
                with pytest.raises(CopyError):
                    copied(office, clip, Errand("gate", RECORDED, id, keep_plain=keep_plain))
    assert files(office) == set()
    assert len(list(office.register.entries("copy"))) == 2  # those that could not be named, but not those never written
    made, erased = list(office.register.entries("copy")), list(office.register.entries("erasure"))
    assert [each.body["copy_id"] for each in made] == [each.body["copy_id"] for each in erased]


def test_a_register_that_cannot_be_written_leaves_no_file(
    office: Office, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = approved(office)

    def full(*_: object, **__: object) -> None:
        raise CopyError("disk full")

    monkeypatch.setattr(office, "record", full)
    with pytest.raises(CopyError):
        copied(office, clip, Errand("gate", RECORDED, id, keep_plain=True))
    assert files(office) == set()


def test_a_run_that_is_killed_while_it_copies_leaves_nothing_for_long(tmp_path: Path, clip: Path) -> None:
    site = make_site(tmp_path / "site", NO_REFERENCE)
    with open_office(site, AT) as office:
        id = approved(office)
    killed = multiprocessing.get_context("fork").Process(target=_copy_and_be_killed, args=(site, clip, id))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    with open_office(site, AT) as office:
        assert list(office.register.entries("copy")) == []
        assert copied(office, clip, Errand("gate", RECORDED, id)).copy_id
        assert list((office.folder / ROOM).iterdir()) == []
        assert len(list(office.vault().held())) == 1


def _copy_and_be_killed(site: Path, clip: Path, id: str) -> None:
    def kill(_: object = None) -> datetime:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    with open_office(site, AT) as office:
        copy, signer = office.folder.parent / "copy.mp4", signer_of(site)
        copy_governed(office, "suzuki", clip, copy, Errand("gate", RECORDED, id), NOTHING, signer=signer, clock=kill)


def test_what_a_killed_run_left_open_is_cleared_by_the_next(office: Office, clip: Path) -> None:
    left = office.folder / ROOM / "left"
    left.mkdir(parents=True, mode=0o700)
    (office.folder / ROOM).chmod(0o700)
    (left / "copy.mp4").write_bytes(b"open")
    copied(office, clip, Errand("gate", RECORDED, approved(office)))
    assert not left.exists()


def test_a_room_that_others_may_enter_is_refused(office: Office, clip: Path) -> None:
    id = approved(office)
    (office.folder / ROOM).mkdir(mode=0o755)
    (office.folder / ROOM).chmod(0o755)
    assert refused(office, clip, Errand("gate", RECORDED, id)).clause == "II-5"


@given(drawn=st.data())
@settings(max_examples=40)
def test_no_combination_of_what_is_wrong_leaves_a_file(
    tmp_path_factory: pytest.TempPathFactory, clip: Path, drawn: st.DataObject
) -> None:
    faults = drawn.draw(
        st.sets(st.sampled_from(["unapproved", "camera", "outside", "expired", "stranger", "view", "none"]), min_size=1)
    )
    site = make_site(tmp_path_factory.mktemp("wrong") / "site", NO_REFERENCE)
    with open_office(site, AT) as office:
        data = form(kind="view" if "view" in faults else "provide")
        id, _ = file_request(office, "suzuki", data)
        if "unapproved" not in faults:
            decide_request(office, "sato", id, "approved", "必要である")
        errand = Errand(
            "arcade" if "camera" in faults else "gate",
            RECORDED - timedelta(days=1 if "outside" in faults else 0),
            None if "none" in faults else id,
        )
        by = "nobody" if "stranger" in faults else "tanaka" if "expired" in faults else "suzuki"
        if "expired" in faults:
            office.at = datetime.fromisoformat("2027-01-01T00:00+09:00")
        refused(office, clip, errand, by)
