"""kill -9, really, after every step of a deed that is recorded: deed and record agree after the next command."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType

import pytest

from privmask.handing import HANDING
from privmask.inspecting import inspect
from privmask.office import VAULT, Office, open_office
from privmask.provision import HandOver, provide_copy
from privmask.register.sealing import Passphrase, open_sealed
from privmask.shelving import Bundle, shelve
from privmask.viewing import Reason, view_copy
from privmask.workroom import ROOM
from tests.evidence.small import end_of, in_child
from tests.register.vaults import IDENTITY, RECIPIENT
from tests.staging import AT, PICTURES, copy_body, good_site

ID = "0123456789abcdef" * 2
CHANGING = {"open", "write", "fsync", "rename", "replace", "link", "unlink", "mkdir", "rmdir", "execute", "executemany"}
"""Calls after which the disk, or the register, may be another: what is killed between two of them leaves the same."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory where there is one: some hundred sites would wait for the disk most of the time."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def _shelving(office: Office) -> None:
    file = office.folder.parent / "gate.mp4"
    file.write_bytes(PICTURES)
    body = copy_body(office, ID, "R-2026-0001")
    shelve(
        office,
        office.actor("suzuki"),
        "copy",
        ID,
        Bundle(file),
        {k: body[k] for k in ("request_id", "camera", "copies")},
    )


def _handing(office: Office) -> None:
    over = HandOver("高橋 三郎", "光ディスク", [RECIPIENT])
    provide_copy(office, "suzuki", _the_copy(office.folder), over, office.folder.parent / "out.age")


def _handing_by_passphrase(office: Office) -> None:
    over = HandOver("高橋 三郎", "光ディスク", [Passphrase("a cheap one for tests"), RECIPIENT])
    provide_copy(office, "suzuki", _the_copy(office.folder), over, office.folder.parent / "out.age")


def _viewing(office: Office) -> None:
    with view_copy(office, "suzuki", _the_copy(office.folder), Reason("R-2026-0001")) as (folder, _):
        (folder / "gate.mp4").read_bytes()


def _the_copy(folder: Path) -> str:
    (copy,) = (folder / VAULT / "copies").iterdir()
    return copy.name


def killed(place: Path, task: Callable[[Office], None]) -> Iterator[Path]:
    """The rules of a site in which the task was killed, one step later each time; in the last one it was not."""
    good_site(place / "site")
    for step in count(1):
        folder = place / f"{step:04}"
        folder.mkdir()
        shutil.copytree(place / "site", folder / "site")
        end = end_of(in_child(partial(_do, task, folder / "site" / "site.toml", step)))
        assert end in (0, -signal.SIGKILL)
        yield folder / "site" / "site.toml"
        shutil.rmtree(folder)
        if not end:
            return


def _do(task: Callable[[Office], None], site: Path, step: int) -> None:
    with open_office(site, AT) as office:
        _die_at(step)
        task(office)
        sys.setprofile(None)


def _die_at(step: int) -> None:
    seen = 0

    def watch(frame: FrameType, event: str, function: object) -> None:
        nonlocal seen
        changed = event == "c_return" and getattr(function, "__name__", "") in CHANGING
        if changed or (event == "return" and frame.f_code.co_name == "_renameat2"):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def wrong(site: Path) -> dict[str, str]:
    return {each.clause: each.text.en for each in inspect(site, AT).findings if each.weight == "wrong"}


def ids(office: Office, kind: str) -> list[object]:
    return [each.body.get("copy_id") for each in office.register.entries(kind)]


def test_a_copy_is_in_the_vault_exactly_if_it_is_recorded(place: Path) -> None:
    ends, named = [], 0
    for site in killed(place, _shelving):
        before = wrong(site)
        with open_office(site, AT) as office:
            recorded = ID in ids(office, "copy")
            assert recorded == (ID in [held.id for held in office.vault().held()])
            assert office.vault().check(every_byte=True) == []
            assert not list((site.parent / VAULT / "drafts").iterdir())
            assert not before or "privmask due" in before["II-6(2)"]
            named += bool(before) and recorded
        assert not before or wrong(site) == {}
        ends.append(recorded)
    assert ends == sorted(ends)  # first never, then always
    assert 0 < named < sum(ends) < len(ends)


@pytest.mark.parametrize("task", [_handing, pytest.param(_handing_by_passphrase, marks=pytest.mark.slow)])
def test_a_sealed_file_has_its_name_exactly_if_its_hand_over_is_recorded(
    place: Path, task: Callable[[Office], None]
) -> None:
    ends, between = [], 0
    for site in killed(place, task):
        target, names = site.parent.parent / "out.age", {"out.age", "out.age.key"}
        before = wrong(site)
        there = target.exists()
        with open_office(site, AT) as office:
            recorded = len(ids(office, "provision")) == 1
        assert not there or recorded
        assert recorded == target.exists()
        assert not (site.parent / HANDING).exists()
        if recorded:
            between += not there
            assert there or "privmask due" in before["II-7(2)"]
            assert {path.name for path in target.parent.iterdir()} - {"site"} <= names
            if task is _handing_by_passphrase:
                assert (target.parent / "out.age.key").exists()
            open_sealed(target, site.parent.parent / "opened", [IDENTITY])
        assert not before or wrong(site) == {}
        ends.append(recorded)
    assert ends == sorted(ends)
    assert 0 < between < sum(ends) < len(ends)


def test_a_view_that_was_killed_leaves_nothing_open_after_the_next_command(place: Path) -> None:
    opened = 0
    for site in killed(place, _viewing):
        before = wrong(site)
        opened += any((site.parent / ROOM).rglob("*.mp4"))
        assert not before or "privmask due" in before["II-6(1)"]
        with open_office(site, AT):
            pass
        assert not any((site.parent / ROOM).rglob("*"))
        assert not before or wrong(site) == {}
    assert opened > 3
