"""II-5, II-6(1), II-7: a copy goes to who asked, encrypted and recorded; a view is recorded before anything is seen."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.errors import CopyError, PolicyError
from privmask.office import Office, open_office
from privmask.policy import Ground
from privmask.provision import HandOver, Provided, provide_copy
from privmask.provision_slip import slip_page
from privmask.register.export import export_csv
from privmask.register.sealing import open_sealed
from privmask.register.vault import new_id
from privmask.requesting import decide_request, file_request
from privmask.viewing import Reason, view_copy, view_recording
from privmask.workroom import ROOM
from tests.offices import make_site
from tests.policy.sites import NOON
from tests.register.vaults import IDENTITY, RECIPIENT
from tests.test_requesting import form

AT = NOON + timedelta(hours=1)
PICTURES = b"moving pictures " * 4096
SPAN = (datetime.fromisoformat("2026-11-19T21:10+09:00"), datetime.fromisoformat("2026-11-19T21:20+09:00"))
WHO = "中央警察署　高橋 三郎 巡査部長"
DISC = "暗号化したファイルを記録した光ディスク"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(make_site(tmp_path / "site"), AT) as opened:
        yield opened


def approved(office: Office, ground: Ground = Ground.INVESTIGATION, **changes: Any) -> str:
    id, _ = file_request(office, "suzuki", form(ground, **changes))
    decide_request(office, "sato", id, "approved", "必要である")
    return id


def kept(office: Office, request_id: str | None) -> str:
    """The id of a copy in the vault, as `copy_governed` leaves it."""
    file, copy_id = office.folder.parent / "copy.mp4", new_id()
    file.write_bytes(PICTURES)
    vault = office.vault()
    request = {"request_id": request_id} if request_id else {}
    body = {"copy_id": copy_id, **request, "camera": "gate", "erase_due": office.erase_due.isoformat()}
    office.record("copy", "suzuki", body | {"copies": [{"sha256": "0" * 64}]})
    vault.put(file, "copy.mp4", office.at, id=copy_id)
    file.unlink()
    return copy_id


def provided(office: Office, copy_id: str, by: str = "suzuki", to: str = WHO, medium: str = DISC) -> Provided:
    over = HandOver(to, medium, [RECIPIENT])
    return provide_copy(office, by, copy_id, over, office.folder.parent / "copy.age")


def refused(office: Office, copy_id: str, by: str = "suzuki", to: str = WHO, medium: str = DISC) -> PolicyError:
    with pytest.raises(PolicyError) as refusal:
        provided(office, copy_id, by, to, medium)
    *_, entry = office.register.entries()
    assert (entry.kind, entry.body["act"], entry.body["clause"]) == ("refusal", "provide", refusal.value.clause)
    assert list(office.register.entries("provision")) == []
    assert not (office.folder.parent / "copy.age").exists()
    return refusal.value


def test_ii_7_2_a_hand_over_is_recorded_with_time_recipient_medium_and_hash(office: Office) -> None:
    id = approved(office)
    copy_id = kept(office, id)
    done = provided(office, copy_id)
    entry = office.register.entry(done.receipt.seq)
    assert (entry.kind, entry.actor, entry.body["request_id"], entry.body["copy_id"]) == (
        "provision",
        "suzuki",
        id,
        copy_id,
    )
    assert entry.personal == {"handed_over.to": WHO, "handed_over.keys": RECIPIENT}
    assert datetime.fromisoformat(entry.body["handed_over"]["at"]) == AT
    assert entry.body["handed_over"]["medium"] == DISC
    assert entry.body["file"] == {"bytes": done.sealed.bytes, "sha256": done.sealed.sha256}
    assert entry.body["keep_until"] == "2031-11-23"
    row = export_csv(office.register).decode("utf-8-sig").splitlines()[1]
    assert all(part in row for part in ("提供", WHO, DISC, "自転車盗"))


def test_only_the_recipient_opens_it(office: Office, tmp_path: Path) -> None:
    done = provided(office, kept(office, approved(office)))
    assert PICTURES[:64] not in Path(done.sealed.path).read_bytes()
    open_sealed(done.sealed.path, tmp_path / "out.tar", [IDENTITY])
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "out.tar").read_bytes())) as archive:
        file = archive.extractfile("copy.mp4")
        assert file is not None
        assert file.read() == PICTURES


def test_ii_7_1_a_copy_for_no_request_is_not_provided(office: Office) -> None:
    assert refused(office, kept(office, None)).clause == "II-7(1)"
    assert refused(office, new_id()).clause == "II-7(2)"
    assert refused(office, "copy.mp4").clause == "II-7(2)"


def test_ii_7_1_nobody_but_who_asked_is_handed_anything(office: Office) -> None:
    copy_id = kept(office, approved(office))
    for to in ("週刊誌", "佐藤 花子", "", "　"):
        assert refused(office, copy_id, to=to).clause == "II-7(1)"
    assert provided(office, copy_id, to="○○県中央警察署 刑事課").receipt.seq


def test_ii_7_2_the_medium_is_one_of_the_rules(office: Office) -> None:
    copy_id = kept(office, approved(office))
    for medium in ("USBメモリー", "", " "):
        assert refused(office, copy_id, medium=medium).clause == "II-7(2)"
    done = provided(office, copy_id, medium="光ディスク")
    assert office.register.entry(done.receipt.seq).body["handed_over"]["medium"] == DISC


def test_ii_4_only_an_operator_hands_over(office: Office) -> None:
    copy_id = kept(office, approved(office))
    assert refused(office, copy_id, "sato").clause == "II-4"
    assert refused(office, copy_id, "nobody").clause == "II-4"


def test_ii_6_4_an_overdue_copy_is_not_provided_unless_it_is_held(office: Office) -> None:
    copy_id = kept(office, approved(office))
    office.at += timedelta(days=30)
    assert refused(office, copy_id).clause == "II-6(4)"
    office.record("hold", "sato", {"copy_id": copy_id, "until": "2027-01-31"})
    assert provided(office, copy_id).receipt.seq


def test_ii_6_4_an_erased_copy_is_not_provided(office: Office) -> None:
    copy_id = kept(office, approved(office))
    office.vault().erase(copy_id)
    office.record("erasure", "suzuki", {"copy_id": copy_id})
    assert refused(office, copy_id).clause == "II-6(4)"


def test_a_key_that_is_none_leaves_no_file(office: Office) -> None:
    copy_id = kept(office, approved(office))
    with pytest.raises(PolicyError):
        provide_copy(office, "suzuki", copy_id, HandOver(WHO, DISC, ["age1x"]), office.folder.parent / "copy.age")
    assert not (office.folder.parent / "copy.age").exists()


def test_a_register_that_cannot_be_written_leaves_no_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_id = kept(office, approved(office))

    def full(*_: object, **__: object) -> None:
        raise CopyError("disk full")

    monkeypatch.setattr(office, "record", full)
    with pytest.raises(CopyError):
        provided(office, copy_id)
    assert not (office.folder.parent / "copy.age").exists()


def test_ii_7_1_for_the_person_in_the_pictures_the_reviewer_looks_first(office: Office) -> None:
    copy_id = kept(office, approved(office, Ground.SUBJECT))
    assert refused(office, copy_id).clause == "II-7(1)"
    with view_copy(office, "sato", copy_id, Reason("R-2026-0001")):
        pass
    assert refused(office, copy_id).clause == "II-7(1)"
    with view_copy(office, "suzuki", copy_id, Reason("R-2026-0001")):
        pass
    assert provided(office, copy_id).receipt.seq


@given(
    faults=st.sets(st.sampled_from(["stranger", "expired", "manager", "to", "medium", "overdue", "none"]), min_size=1)
)
@settings(max_examples=25)
def test_no_combination_of_what_is_wrong_hands_anything_over(
    tmp_path_factory: pytest.TempPathFactory, faults: set[str]
) -> None:
    with open_office(make_site(tmp_path_factory.mktemp("wrong") / "site"), AT) as office:
        copy_id = kept(office, None if "none" in faults else approved(office))
        if "overdue" in faults:
            office.at += timedelta(days=31)
        if "expired" in faults:
            office.at = datetime.fromisoformat("2027-01-01T00:00+09:00")
        actors = {"stranger": "nobody", "expired": "tanaka", "manager": "sato"}
        by = next((actor for fault, actor in actors.items() if fault in faults), "suzuki")
        refused(office, copy_id, by, "週刊誌" if "to" in faults else WHO, "紙" if "medium" in faults else DISC)


def test_the_slip_holds_what_the_register_does_and_nothing_that_html_acts_on(office: Office) -> None:
    id = approved(office, necessity="<script>alert(1)</script>&確認")
    done = provided(office, kept(office, id), to=f"{WHO}<b>")
    page = slip_page(office, done).decode()
    assert "<script>" not in page
    assert f"{WHO}&lt;b&gt;" in page
    for part in (
        id,
        "捜査関係事項照会書",
        "中央刑発第45号",
        "令和8年11月23日 13:00",
        "佐藤 花子",
        "鈴木 一郎",
        DISC,
        "街路灯3号柱",
    ):
        assert part in page
    assert done.sealed.sha256[:8] in page
    assert "適合を証明するものではありません" in page


def viewed(office: Office, **changes: Any) -> int:
    words: dict[str, Any] = {"by": "suzuki", "camera": "gate", "span": SPAN, "reason": Reason("R-2026-0001")} | changes
    return view_recording(office, **words).seq


def test_ii_7_2_a_view_of_a_recording_is_recorded(office: Office, tmp_path: Path) -> None:
    approved(office, kind="view")
    (tmp_path / "clip.mp4").write_bytes(PICTURES)
    entry = office.register.entry(viewed(office, reason=Reason("R-2026-0001", to=WHO), clip=tmp_path / "clip.mp4"))
    assert (entry.kind, entry.body["camera"], entry.body["request_id"]) == ("view", "gate", "R-2026-0001")
    assert entry.body["original"]["bytes"] == len(PICTURES)
    assert entry.personal == {"handed_over.to": WHO}
    assert "商店街事務所 会議室" in export_csv(office.register).decode()


def test_ii_1_a_view_has_a_request_or_a_purpose_of_the_rules(office: Office) -> None:
    assert office.register.entry(viewed(office, reason=Reason(purpose="crime-prevention"))).body["purpose"]
    for reason in (
        Reason(purpose="curiosity"),
        Reason(),
        Reason(purpose="crime-prevention", to=WHO),
        Reason("R-2026-0009"),
    ):
        with pytest.raises(PolicyError) as refusal:
            viewed(office, reason=reason)
        assert refusal.value.clause in ("II-1", "II-7(1)")
    assert len(list(office.register.entries("refusal"))) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"camera": "arcade"},
        {"camera": "roof"},
        {"span": (SPAN[0] - timedelta(days=1), SPAN[1])},
        {"span": (SPAN[1], SPAN[0])},
        {"by": "nobody"},
        {"reason": Reason("R-2026-0001", to="週刊誌")},
    ],
)
def test_a_view_outside_its_request_is_refused_and_recorded(office: Office, changes: dict[str, Any]) -> None:
    approved(office, kind="view")
    with pytest.raises(PolicyError):
        viewed(office, **changes)
    *_, entry = office.register.entries()
    assert (entry.kind, entry.body["act"]) == ("refusal", "view")


def test_a_recording_that_is_to_come_is_not_viewed(office: Office) -> None:
    with pytest.raises(PolicyError):
        viewed(office, span=(AT, AT + timedelta(seconds=1)), reason=Reason(purpose="crime-prevention"))


def test_ii_7_1_the_person_in_the_pictures_does_not_see_the_recording_itself(office: Office) -> None:
    approved(office, Ground.SUBJECT, kind="view")
    with pytest.raises(PolicyError) as refusal:
        viewed(office, reason=Reason("R-2026-0001", to="高橋 三郎"))
    assert refusal.value.clause == "II-7(1)"
    assert viewed(office)


def test_a_copy_that_is_viewed_lies_open_for_no_longer(office: Office) -> None:
    id = approved(office)
    copy_id = kept(office, id)
    with view_copy(office, "sato", copy_id, Reason(id)) as (folder, receipt):
        assert (folder / "copy.mp4").read_bytes() == PICTURES
        assert folder.stat().st_mode & 0o077 == 0
        assert office.register.head() == receipt
    assert list((office.folder / ROOM).iterdir()) == []


def test_a_copy_is_viewed_for_its_own_request(office: Office) -> None:
    copy_id, other = kept(office, approved(office)), approved(office)
    with pytest.raises(PolicyError) as refusal, view_copy(office, "sato", copy_id, Reason(other)):
        pass
    assert refusal.value.clause == "II-7(1)"
