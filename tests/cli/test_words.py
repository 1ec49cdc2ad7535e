from __future__ import annotations

import os

import pytest

from privmask.cli.words import answer, say, shown, shown_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gate camera.mp4", "gate camera.mp4"),
        ("隣の窓", "隣の窓"),
        ("承認 1\u3000拒否 0", "承認 1\u3000拒否 0"),
        ("two\nlines", r"two\x0alines"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("fdp.4pm\u202e", r"fdp.4pm\u202e"),
        (os.fsdecode(b"caf\xe9.mp4"), r"caf\xe9.mp4"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_a_terminal_would_act_on_is_shown_as_an_escape(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_name_is_shown_in_quotes_that_it_does_not_hold_itself() -> None:
    assert shown_name("it's.mp4") == '"it\'s.mp4"'
    assert shown_name("plain.mp4") == "'plain.mp4'"


def test_lines_of_a_message_stay_lines_and_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("first\nsecond\x07")
    assert capsys.readouterr() == ("", "first\nsecond\\x07\n")


def test_an_answer_is_one_json_object_or_text_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    answer({"name": os.fsdecode(b"\xe9")}, "text", as_json=True)
    answer({}, "text", as_json=False)
    assert capsys.readouterr() == ('{\n  "name": "\\udce9"\n}\ntext\n', "")
