"""Nobody who was named to privmask is named by anything it leaves: told with the real program, and looked for in every byte.

Each field in which people write gets a name of its own. After the years of the register these are looked for in all files of
the site, of the home and of the folder for temporary files, and in all that was said, in every writing they may have had. What
the clerk asked for by name (提供記録票, 記録簿, the request's own file) lies where the clerk put it: nobody else can erase it.
"""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from privmask.office import REGISTER
from privmask.policy import Ground
from privmask.register import verify_register
from privmask.street import write_street
from tests.cli.governed import AT
from tests.conftest import ROOT
from tests.offices import make_site
from tests.register.vaults import RECIPIENT
from tests.test_governing import NO_REFERENCE
from tests.test_provision import DISC
from tests.test_requesting import form

STAYS = ("valid_until = 2027-03-31", "valid_until = 2039-03-31")
_DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")


class Desk:
    """The clerk's folders, the names that were planted, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.site = make_site(folder / "site", NO_REFERENCE, STAYS).parent
        self.outside, self.home, self.room = (folder / name for name in ("outside", "home", "temporary"))
        for each in (self.outside, self.home, self.room):
            each.mkdir()
        self.names: dict[str, str] = {}
        self.said, self.at, self.codes = b"", AT, set[int]()
        self._keys = str(folder / "keys")

    def name(self, field: str) -> str:
        """A new name, for that field."""
        number = f"{len(self.names) + 1:02}"
        self.names[field] = f"植田{number.translate(_DIGITS)}Zq{number}"
        return self.names[field]

    def environment(self) -> dict[str, str]:
        ours = {"HOME": str(self.home), "TMPDIR": str(self.room), "PRIVMASK_KEYS": self._keys, "LANG": "ja_JP.UTF-8"}
        return {
            **os.environ,
            **ours,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "XDG_CACHE_HOME": str(self.home),
        }

    def types(self, *words: object, answers: str | None = None, heard: bool = True) -> bytes:
        """What `privmask` answers; with `answers` somebody sits at a terminal."""
        command = [sys.executable, "-m", "tests.clerk", self.at.isoformat(), *map(str, words)]
        settings: dict[str, Any] = {"cwd": self.site, "env": self.environment(), "capture_output": True, "timeout": 120}
        if answers is None:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, **settings)
        else:
            screen, keyboard = pty.openpty()
            os.write(screen, answers.encode())
            done = subprocess.run(command, stdin=keyboard, **settings)
            os.close(screen)
            os.close(keyboard)
        self.codes.add(done.returncode)
        self.said += done.stdout + done.stderr if heard else b""
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return bytes(done.stdout)

    def data(self, *words: object) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.types(*words, "--json"))
        assert found["exit_code"] == 0, found
        return found

    def settles(self, data: Mapping[str, Any]) -> str:
        """The id of a request that is filed as JSON and approved."""
        path = self.outside / f"request-{len(list(self.outside.iterdir()))}.json"
        path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        id = str(self.data("request", "new", "--as", "suzuki", "--from", path)["request_id"])
        reason = self.name(f"reason of {id}")
        self.data("request", "decide", id, "--as", "sato", "--approve", "--reason", reason)
        return id

    def planted_form(self, ground: Ground, story: str) -> dict[str, Any]:
        """A request in which each text that people write is a name."""
        data = form(ground)
        data["requester"] = {part: self.name(f"{story} {part}") for part in ("name", "affiliation", "contact")}
        data["necessity"] = self.name(f"{story} necessity")
        data["identity"]["document_kind"] = "運転免許証"
        for field, value in data["evidence"].items():
            if field in (
                "agency",
                "statute",
                "issuer",
                "document_number",
                "case",
                "why_urgent",
                "subject_identified_how",
            ):
                data["evidence"][field] = self.name(f"{story} {field}")
            elif field == "officer":
                data["evidence"]["officer"] = {part: self.name(f"{story} officer {part}") for part in value}
        return data


def _flags(data: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flags(value, f"{before}{name}.")
        else:
            yield f"{before}{name}={','.join(value) if isinstance(value, list) else value}"


def _set(data: Mapping[str, Any]) -> list[str]:
    return [word for flag in _flags(data) for word in ("--set", flag)]


def _writings(name: str) -> Iterator[bytes]:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "shift_jis", "euc-jp"):
        plain = name.encode(encoding)
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        yield quote(plain, safe="").encode()
        for shift in range(3):  # wherever in a text it begins
            whole = base64.b64encode(bytes(shift) + plain)
            yield whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]
    yield json.dumps(name)[1:-1].encode()
    yield name[-4:].encode()


def found_in(content: bytes, name: str) -> bool:
    return any(each in content for each in _writings(name))


def test_every_writing_of_a_name_is_found() -> None:
    name = "植田甲乙Zq12"
    for content in (
        f"an entry of {name}.".encode(),
        f"{name}".encode("utf-16"),
        f"…{name}…".encode("shift_jis", "ignore"),
        base64.b64encode(f"a{name}b".encode()),
        base64.b64encode(f"ab{name}c".encode()),
        quote(f"x{name}").encode(),
        json.dumps({"x": f"{name}"}).encode(),
        b"only Zq12 is left",
    ):
        assert found_in(content, name), content
    assert not found_in("植田甲乙Zq13".encode(), name)


def _requests(desk: Desk) -> None:
    flags = desk.planted_form(Ground.INVESTIGATION, "flags")
    desk.data("request", "new", "--as", "suzuki", *_set(flags))
    asked = desk.planted_form(Ground.LAW_BASED, "terminal")
    answers = "".join(f"{asked['requester'].pop(part)}\n" for part in ("name", "affiliation", "contact"))
    desk.types(
        "request", "new", "--as", "suzuki", *_set(asked), answers=f"{answers}\n", heard=False
    )  # shown on the screen
    for ground in (Ground.EMERGENCY, Ground.SUBJECT):
        desk.settles(desk.planted_form(ground, str(ground)))
    desk.types("request", "decide", "R-2026-0001", "--as", "sato", "--refuse", "--reason", desk.name("refused"))
    assert len(json.loads(desk.types("request", "list", "--json"))["requests"]) == 4


def _copies(desk: Desk) -> None:
    write_street(desk.outside / "street.y4m")
    head, *frames = (desk.outside / "street.y4m").read_bytes().split(b"FRAME\n", 7)[:7]
    (desk.outside / "clip.y4m").write_bytes(b"FRAME\n".join([head, *frames]))
    data = desk.planted_form(Ground.INVESTIGATION, "copy")
    who, id = data["requester"]["name"], desk.settles(data)
    gate = ("--site", "site.toml", "--camera", "gate", "--recorded-at", "2026-11-19T21:30+09:00")
    made = desk.data("mask", desk.outside / "clip.y4m", "-o", "copy.mp4", *gate, "--request", id, "--as", "suzuki")[
        "copy_id"
    ]
    handed = ("--medium", DISC, "--as", "suzuki", "-o", desk.outside / "handed.age", "--recipient", RECIPIENT)
    desk.types("provide", made, "--to", desk.name("another recipient"), *handed)
    desk.types("view", made, "--request", id, "--to", who, "--as", "suzuki", "--player", "true")
    desk.data("provide", made, "--to", who, *handed)
    desk.types("provide", made, "--to", who, *handed, "--json")
    desk.data("hold", made, "--until", "2026-12-31", "--reason", desk.name("hold"), "--as", "sato")
    for person in ("suzuki", "sato"):  # it is the manager's
        reason = desk.name(f"exception of {person}")
        desk.types("mask", desk.outside / "clip.y4m", "-o", "x.mp4", *gate, "--exception", reason, "--as", person)
    desk.types("request", "show", id, "--as", "suzuki", heard=False)
    desk.types("register", "list", "--personal", heard=False)
    for ending in ("html", "csv"):
        desk.data("register", "export", "-o", desk.outside / f"book.{ending}")


def _records(desk: Desk) -> None:
    at = desk.at.isoformat()
    for kind, fields in {
        "complaint": {"received_at": at, "channel": "phone", "subject": "view", "text": "", "complainant": "", "contact": ""},
        "contractor": {"contractor": "maintenance", "event": "checked", "on": "2026-11-20", "text": ""},
        "disposal": {
            "medium": "disk-1", "disposed_on": "2026-11-20", "method": "shredded", "carried_out_by": "", "witness": "",
        },
        "leak": {"noticed_at": at, "happened": "lost", "text": "", "measures": ""},
        "briefing": {"on": "2026-11-20", "audience": "", "how": ""},
    }.items():  # fmt: skip
        given = {name: value or desk.name(f"{kind} {name}") for name, value in fields.items()}
        desk.data("record", kind, "--as", "sato", *_set(given))
    answer = {
        "complaint_id": "C-2026-0001",
        "answered_at": at,
        "answer": desk.name("answer"),
        "measure": desk.name("measure"),
    }
    desk.data("record", "answer", "--as", "sato", *_set(answer))


def _mistakes(desk: Desk) -> None:
    """What somebody types in the wrong place."""
    wrong = desk.planted_form(Ground.INVESTIGATION, "wrong")
    for broken in (
        {**wrong, "necessity": ""},
        {**wrong, "kind": desk.name("kind")},
        {**wrong, desk.name("field"): "x"},
    ):
        for form_of_answer in ((), ("--json",)):
            desk.types("request", "new", "--as", "suzuki", *_set(broken), *form_of_answer)
    path = desk.outside / "broken.json"
    path.write_text(json.dumps(wrong)[:-9], "utf-8")
    desk.types("request", "new", "--as", "suzuki", "--from", path, "--json")
    for words in (
        ("request", "decide", desk.name("an id"), "--as", "sato", "--approve", "--reason", desk.name("a reason")),
        ("request", "decide", "R-2026-0001", "--as", desk.name("an actor"), "--approve", "--reason", "x"),
        ("hold", desk.name("a copy"), "--until", "2026-12-31", "--reason", "x", "--as", "sato"),
        ("erase", desk.name("another copy"), "--as", "sato"),
        ("view", "--request", desk.name("a view"), "--as", "suzuki"),
        ("view", "--purpose", desk.name("a purpose"), "--as", "suzuki"),
        ("record", "complaint", "--as", "sato", "--set", f"received_at={desk.name('a time')}"),
        ("record", "contractor", "--as", "sato", *_set({"contractor": desk.name("a contractor"), "event": "checked"})),
        ("record", "answer", "--as", "sato", *_set({"complaint_id": desk.name("a complaint"), "answer": "x"})),
    ):
        desk.types(*words)
        desk.types(*words, "--json")


@pytest.mark.slow
def test_nobody_who_was_named_is_named_by_anything_that_is_left(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for part in (_requests, _copies, _records, _mistakes):
        part(desk)
    assert {0, 5} <= desk.codes <= {0, 2, 5, 7}
    kept = b"".join(each.read_bytes() for each in (desk.site / REGISTER).parent.iterdir())
    assert sum(name.encode() in kept for name in desk.names.values()) > 40  # they were planted
    assert_unnamed(desk, [desk.home, desk.room], said=True)
    desk.at = AT + timedelta(days=6 * 366)
    erased = desk.data("erase", "--due", "--as", "sato")
    assert (len(erased["erased"]), erased["personal"] > 15) == (2, True)
    desk.data("due")
    desk.types("inspect-site", "--audit", "--json")
    desk.types("report")
    desk.types("register", "list", "--personal")
    desk.types("request", "show", "R-2026-0001", "--as", "sato")
    assert_unnamed(desk, [desk.site, desk.home, desk.room], said=True)
    assert verify_register(desk.site / REGISTER) == []


def assert_unnamed(desk: Desk, folders: list[Path], *, said: bool) -> None:
    named = [
        (str(path), field)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        for field, name in desk.names.items()
        if found_in(str(path).encode("utf-8", "surrogateescape"), name)
        or (path.is_file() and found_in(path.read_bytes(), name))
    ]
    named += [("said", field) for field, name in desk.names.items() if said and found_in(desk.said, name)]
    assert named == []
