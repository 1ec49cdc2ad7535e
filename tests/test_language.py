from __future__ import annotations

import pytest

from privmask.errors import PolicyError, PrivmaskError
from privmask.language import Text

GREETING = Text("{name}さん、{camera}を確認してください", "{name}, please look at {camera}")


def test_a_sentence_is_said_in_the_language_that_is_asked_for() -> None:
    text = Text("はい", "yes")
    assert (text.said("ja"), text.said("en"), str(text)) == ("はい", "yes", "yes")


def test_gaps_are_filled_in_both_languages_at_once() -> None:
    text = GREETING.with_(name="山田", camera="cam-1")
    assert text == Text("山田さん、cam-1を確認してください", "山田, please look at cam-1")


def test_a_sentence_in_a_gap_keeps_its_language() -> None:
    text = GREETING.with_(name="A", camera=Text("カメラ", "the camera"))
    assert text == Text("Aさん、カメラを確認してください", "A, please look at the camera")


def test_braces_in_a_value_are_letters_like_others() -> None:
    assert GREETING.with_(name="{0.__class__}", camera="{x}").en == "{0.__class__}, please look at {x}"


def test_a_gap_that_nobody_fills_is_an_error() -> None:
    with pytest.raises(KeyError, match="camera"):
        GREETING.with_(name="山田")


def test_a_refusal_of_the_site_rules_speaks_both_languages_and_names_its_clause() -> None:
    text = Text("管理責任者だけが承認できます", "only the manager decides")
    error = PolicyError(text, clause="II-4")
    assert isinstance(error, PrivmaskError)
    assert (error.exit_code, str(error), error.text, error.clause) == (5, "only the manager decides", text, "II-4")


def test_a_refusal_may_be_english_alone() -> None:
    error = PolicyError("refused")
    assert (str(error), error.text, error.clause) == ("refused", None, None)
