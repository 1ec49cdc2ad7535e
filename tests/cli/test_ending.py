from __future__ import annotations

import re

import pytest

from privmask import errors
from privmask.cli.ending import wants_json
from tests.cli.conftest import Privmask

CODES = [
    (errors.PlanError("mask[1].token: missing", "mask[2].type: unknown"), 2),
    (errors.EvidenceError("the statement is cut"), 3),
    (errors.OriginalChangedError("it grew"), 4),
    (errors.PolicyError("no request"), 5),
    (errors.UnsupportedFootageError("a mirror"), 6),
    (errors.DamagedFootageError("cut short"), 6),
    (errors.CopyExistsError("there"), 7),
    (errors.CopyError("disk full"), 7),
    (errors.DetectorError("no model"), 8),
]


def raising(error: BaseException) -> object:
    def probe_clip(*_: object) -> None:
        raise error

    return probe_clip


@pytest.mark.parametrize(("error", "code"), CODES, ids=lambda value: type(value).__name__)
def test_each_error_ends_with_its_code_and_its_words(
    error: errors.PrivmaskError, code: int, privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.probing.probe_clip", raising(error))
    done = privmask("probe", "clip.mp4")
    assert (done.code, done.out) == (code, "")
    assert done.err == f"privmask: {error}\n"


@pytest.mark.parametrize(("error", "code"), CODES, ids=lambda value: type(value).__name__)
def test_for_programs_an_error_is_one_json_object(
    error: errors.PrivmaskError, code: int, privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.probing.probe_clip", raising(error))
    done = privmask("probe", "clip.mp4", "--json")
    assert (done.code, done.err) == (code, "")
    assert done.data["exit_code"] == code
    assert done.data["error"]["message"] == str(error)
    assert done.data["error"]["kind"] == type(error).__name__.removesuffix("Error")
    assert done.data["error"].get("complaints") == (list(error.args[0].split("\n")) if code == 2 else None)


def test_an_interrupted_job_ends_with_130(privmask: Privmask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.probing.probe_clip", raising(KeyboardInterrupt()))
    assert privmask("probe", "clip.mp4").code == 130
    assert privmask("probe", "clip.mp4", "--json").data == {
        "error": {"kind": "Interrupted", "message": "interrupted"},
        "exit_code": 130,
    }


def test_a_fault_of_our_own_is_told_from_the_user_s_by_code_1_and_a_traceback(
    privmask: Privmask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.probing.probe_clip", raising(ZeroDivisionError("oh")))
    done = privmask("probe", "clip.mp4", "--json")
    assert (done.code, done.data["exit_code"]) == (1, 1)
    assert "Traceback" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["prob", "clip.mp4"],
        ["probe"],
        ["probe", "clip.mp4", "--loud"],
        ["mask", "clip.mp4"],
        ["mask", "clip.mp4", "-o", "copy.mp4", "--type", "mosaic"],
        ["mask", "clip.mp4", "-o", "copy.mp4", "--quality", "high"],
        ["zones", "paint"],
    ],
)
def test_wrong_words_end_with_2_and_a_way_out(words: list[str], privmask: Privmask) -> None:
    done = privmask(*words)
    assert (done.code, done.out) == (2, "")
    assert re.search(r"Try 'privmask( \w+)? --help'", done.err)
    assert privmask(*words, "--json").data["exit_code"] == 2


@pytest.mark.parametrize(
    "words", [["--help"], ["-h"], ["--version"], ["mask", "--help"], ["zones", "preview", "--help"]]
)
def test_asking_for_help_is_no_error(words: list[str], privmask: Privmask) -> None:
    done = privmask(*words)
    assert done.code == 0
    assert "privmask" in done.out


def test_a_terminal_is_not_fooled_by_a_name_in_an_error(privmask: Privmask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.probing.probe_clip", raising(errors.FootageError("no clip \x1b]0;gotcha\x07")))
    assert privmask("probe", "x").err == "privmask: no clip \\x1b]0;gotcha\\x07\n"


def test_json_after_two_dashes_is_the_name_of_a_file() -> None:
    assert wants_json(["probe", "clip.mp4", "--json"])
    assert not wants_json(["probe", "--", "--json"])
