from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import PlanError
from privmask.register import Receipt
from tests.register.made import START, make

RECEIPT = Receipt("本町商店街", 12, "0f" * 32, START)
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)


SITES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@given(HASHES, st.integers(0, 10**9), SITES)
def test_a_receipt_on_paper_is_typed_again_as_it_was(entry_hash: str, seq: int, site: str) -> None:
    receipt = Receipt(site, seq, entry_hash, START)
    assert Receipt.parse(receipt.as_text()) == receipt
    assert Receipt.parse(json.dumps(receipt.as_data())) == receipt


def test_a_receipt_is_short_and_says_what_it_is() -> None:
    lines = RECEIPT.as_text().splitlines()
    assert len(lines) == 9
    assert max(map(len, lines)) < 48
    assert lines[1:4] == ["site 設置場所: 本町商店街", "entry 記載番号: 12", "date 日時: 2026-04-01T09:00:00+09:00"]


def test_it_may_be_typed_in_full_width_and_with_other_spaces() -> None:
    wide = RECEIPT.as_text().translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789:"})
    assert Receipt.parse(wide.replace(" - ", "　ー　")) == RECEIPT
    assert Receipt.parse("\r\n".join(f"  {line} " for line in RECEIPT.as_text().splitlines())) == RECEIPT


@given(st.data())
def test_every_wrong_digit_and_every_two_that_changed_places_are_seen(data: st.DataObject) -> None:
    text = RECEIPT.as_text()
    rows = text.index("1: ")
    places = [
        place for place in range(rows + 3, text.index("check")) if text[place].isdigit() and text[place + 1] != ":"
    ]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[place]]))
    with pytest.raises(PlanError, match="misread"):
        Receipt.parse(text[:place] + other + text[place + 1 :])
    if text[place + 1].isdigit() and text[place + 1] != text[place]:
        with pytest.raises(PlanError, match="misread"):
            Receipt.parse(text[:place] + text[place + 1] + text[place] + text[place + 2 :])


@pytest.mark.parametrize(
    ("said", "typed"), [("本町", "木町"), (": 12", ": 13"), ("04-01", "04-02"), ("+09:00", "+08:00")]
)
def test_a_slip_in_the_other_lines_is_seen(said: str, typed: str) -> None:
    with pytest.raises(PlanError):
        Receipt.parse(RECEIPT.as_text().replace(said, typed, 1))


WRONG = [
    "",
    "{",
    "{}",
    "[]",
    "privmask.receipt.v1",
    RECEIPT.as_text()[:-20],
    RECEIPT.as_text().replace("site", "place"),
]
WRONG += [
    json.dumps({**RECEIPT.as_data(), **part})
    for part in ({"seq": "1"}, {"seq": True}, {"entry_hash": "0F" * 32}, {"at": 1})
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_receipt_is_said_so(text: str) -> None:
    with pytest.raises(PlanError) as caught:
        Receipt.parse(text)
    assert caught.value.text


def test_an_entry_s_receipt_is_that_of_the_head(tmp_path: Path) -> None:
    last = make(tmp_path / "r" / "register.sqlite", 2)[-1]
    assert (last.site, last.seq) == ("honcho", 2)
    assert last.at.astimezone(UTC) > datetime(2026, 4, 1, tzinfo=UTC)
