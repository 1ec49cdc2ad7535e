from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest

from privmask.errors import EvidenceError
from privmask.evidence import FileRecord, OriginalRecord, read_statement
from privmask.evidence.canonical import canonical_bytes
from tests.evidence.small import statement_of

BEFORE = FileRecord("clip.mp4", 1000, "1" * 64)
ORIGINAL = OriginalRecord(BEFORE, BEFORE, 1_600_000_000_123_456_789, ("linked to",))
COPY = FileRecord("copy.mp4", 900, "2" * 64)
KEY_ID = "SHA256:" + "A" * 43


def test_a_statement_says_what_it_was_given() -> None:
    statement = read_statement(statement_of(ORIGINAL, COPY))
    assert statement.copy == COPY
    assert statement.original_before == statement.original_after == BEFORE
    assert statement.gops == [{"start": "0", "packets": 25, "sha256": "6" * 64}]
    assert statement.stream_sha256 == "5" * 64
    assert statement.plan_sha256 == hashlib.sha256(canonical_bytes(statement.plan)).hexdigest()
    assert statement.reading == {"stream": 0, "damaged": "fail", "recorded_at": None, "whole": []}
    assert statement.predicate["masks"] == [{"token": "gate", "type": "Color", "shown": [["0", None]]}]
    assert statement.predicate["time_base"] == "1/12800"
    assert statement.predicate["self_check"] == "not run"
    assert statement.predicate["clock"] == "2026-11-23T12:00:00.000Z"
    original: Any = statement.predicate["original"]
    assert original["mtime_ns"] == "1600000000123456789"
    assert original["notices"] == ["linked to"]


def test_a_statement_names_the_key_that_is_to_sign_it_or_says_why_none_does() -> None:
    signed = read_statement(statement_of(ORIGINAL, COPY, signer=KEY_ID))
    assert signed.key_id == KEY_ID
    assert "unsigned_because" not in signed.predicate
    unsigned = read_statement(statement_of(ORIGINAL, COPY))
    assert unsigned.key_id is None
    assert unsigned.predicate["unsigned_because"] == "no signer was given"


@pytest.mark.parametrize("signer", ["", "SHA256:", "MD5:" + "A" * 43, "SHA256:" + "A" * 43 + "="])
def test_a_signer_without_a_fingerprint_is_refused(signer: str) -> None:
    with pytest.raises(EvidenceError, match=r"signer\.key_id"):
        statement_of(ORIGINAL, COPY, signer=signer)


@pytest.mark.parametrize(
    "signing",
    [
        {"signed": True, "signer": {"key_id": KEY_ID}, "unsigned_because": "both"},
        {"signed": True, "signer": {"key_id": KEY_ID, "name": "who"}},
        {"signed": True, "signer": KEY_ID},
        {"signed": False, "signer": {"key_id": KEY_ID}},
        {"signed": False},
    ],
    ids=str,
)
def test_a_statement_that_is_half_signed_is_refused(signing: dict[str, Any]) -> None:
    data = json.loads(statement_of(ORIGINAL, COPY))
    del data["predicate"]["signed"], data["predicate"]["unsigned_because"]
    data["predicate"].update(signing)
    with pytest.raises(EvidenceError, match="predicate"):
        read_statement(canonical_bytes(data))


SEARCH: dict[str, Any] = {
    "labels": ["face"],
    "passes": 1,
    "detector": {"face": {"model": "yunet", "sha256": "7" * 64}},
    "frames": 25,
    "tracks": {"face": 3},
    "kept": [{"name": "who asked", "reason": "their own pictures", "frames": 4}],
    "tracks_file": {"name": "copy.mp4.private-tracks.jsonl", "bytes": 900, "sha256": "8" * 64},
    "given": None,
}


def test_a_statement_says_how_moving_things_were_looked_for_where_they_were() -> None:
    assert read_statement(statement_of(ORIGINAL, COPY, search=SEARCH)).search == SEARCH
    assert read_statement(statement_of(ORIGINAL, COPY)).search is None


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("labels", "face"),
        ("frames", -1),
        ("detector", 3),
        ("tracks_file", None),
        ("kept", [{"name": "x"}]),
        ("more", 1),
    ],
)
def test_a_search_of_another_shape_is_refused(part: str, value: object) -> None:
    with pytest.raises(EvidenceError, match=r"predicate\.search"):
        statement_of(ORIGINAL, COPY, search={**SEARCH, part: value})


def test_an_original_that_was_not_the_same_afterwards_is_stated_as_it_was() -> None:
    after = FileRecord("clip.mp4", 1000, "3" * 64)
    statement = read_statement(statement_of(OriginalRecord(BEFORE, after, 1), COPY))
    assert (statement.original_before, statement.original_after) == (BEFORE, after)


def test_a_statement_is_an_in_toto_statement_about_the_copy() -> None:
    data = json.loads(statement_of(ORIGINAL, COPY))
    assert data["_type"] == "https://in-toto.io/Statement/v1"
    assert data["subject"] == [{"name": "copy.mp4", "digest": {"sha256": "2" * 64}}]
    assert data["predicateType"] == "urn:privmask:provenance:v1"
    assert data["predicate"]["format"] == "privmask.provenance.v1"


def test_the_same_parts_give_the_same_bytes() -> None:
    plan = {"b": 1, "a": Fraction(1, 2)}
    turned = {"a": "1/2", "b": 1}
    assert statement_of(ORIGINAL, COPY, plan=plan) == statement_of(ORIGINAL, COPY, plan=turned)


def test_the_clock_is_told_in_utc() -> None:
    in_tokyo = datetime(2026, 11, 23, 21, 0, 0, 104_999, tzinfo=timezone(timedelta(hours=9)))
    assert read_statement(statement_of(ORIGINAL, COPY, clock=in_tokyo)).predicate["clock"] == "2026-11-23T12:00:00.104Z"
    with pytest.raises(EvidenceError, match="without a zone"):
        statement_of(ORIGINAL, COPY, clock=datetime(2026, 11, 23))


def test_the_clock_is_read_as_the_moment_that_was_told() -> None:
    in_tokyo = datetime(2026, 11, 23, 21, 0, 0, 104_000, tzinfo=timezone(timedelta(hours=9)))
    assert read_statement(statement_of(ORIGINAL, COPY, clock=in_tokyo)).clock == in_tokyo


BAD_PARTS: dict[str, tuple[dict[str, Any], str]] = {
    "a float in a part": ({"encoder": {"crf": 18.0}}, r"predicate\.encoder\.crf is a float"),
    "a float in the plan": (
        {"plan": {"mask": [{"polygon": [[0.5, 0]]}]}},
        r"plan\.mask\[0\]\.polygon\[0\]\[0\] is a float",
    ),
    "seconds as a decimal": (
        {"masks": [{"token": "a", "type": "Color", "shown": [["0.5", None]]}]},
        r"masks\[0\]\.shown\[0\]\[0\]",
    ),
    "a span of three": (
        {"masks": [{"token": "a", "type": "Color", "shown": [["0", "1", "2"]]}]},
        r"shown\[0\] is a list",
    ),
    "a mask without a token": ({"masks": [{"type": "Color", "shown": []}]}, r"masks\[0\]\.token is missing"),
    "a hash that is none": ({"stream_sha256": "5" * 63}, r"copy\.stream_sha256"),
    "a hash in capitals": ({"stream_sha256": "A" * 64}, r"copy\.stream_sha256"),
    "a count below nothing": ({"frames_in": -1}, r"frames\.in is -1"),
    "a truth for a count": ({"frames_in": True}, r"frames\.in is True"),
    "a number for a truth": ({"timestamps_exact": 1}, r"timestamps_exact is 1"),
    "a stream without an end": (
        {"streams": [{"index": 0, "kind": "audio", "codec": "aac", "what": ""}]},
        r"done is missing",
    ),
    "a self-check in a word": ({"self_check": "passed"}, r"self_check"),
    "a list for the plan": ({"plan": []}, r"plan is a list"),
}


@pytest.mark.parametrize(("parts", "says"), BAD_PARTS.values(), ids=BAD_PARTS.keys())
def test_parts_that_no_reader_would_take_are_not_written(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(EvidenceError, match=says):
        statement_of(ORIGINAL, COPY, **parts)


def test_what_belongs_to_the_container_has_no_stream_index() -> None:
    tags = {"index": -1, "kind": "tags", "codec": "", "what": "3 tags", "done": "dropped"}
    assert read_statement(statement_of(ORIGINAL, COPY, streams=[tags])).predicate["streams"] == [tags]


def _set(*path: str | int) -> Callable[[Any, Any], None]:
    def change(data: Any, value: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


TAMPERED: dict[str, tuple[Callable[[Any, Any], None], Any, str]] = {
    "another type": (_set("_type"), "https://in-toto.io/Statement/v0.1", "no in-toto Statement v1"),
    "a newer predicate": (_set("predicateType"), "urn:privmask:provenance:v2", "newer privmask"),
    "a newer format": (_set("predicate", "format"), "privmask.provenance.v2", "newer privmask"),
    "no predicate": (_set("predicate"), None, "newer privmask"),
    "an added key": (_set("also"), 1, "does not know"),
    "an added key in the predicate": (_set("predicate", "also"), 1, "does not know"),
    "an added key of the copy": (_set("predicate", "copy", "also"), 1, r"predicate\.copy holds 'also'"),
    "two subjects": (_set("subject"), [{}, {}], "contradicts itself"),
    "no subject": (_set("subject"), [], "contradicts itself"),
    "another subject": (_set("subject", 0, "name"), "other.mp4", "contradicts itself"),
    "another hash of the subject": (_set("subject", 0, "digest", "sha256"), "3" * 64, "contradicts itself"),
    "one more digest": (_set("subject", 0, "digest", "md5"), "3", "contradicts itself"),
    "a path for a name": (_set("predicate", "copy", "name"), "../copy.mp4", "without a folder"),
    "a folder for a name": (_set("predicate", "copy", "name"), "..", "without a folder"),
    "no name": (_set("predicate", "copy", "name"), "", "without a folder"),
    "a NUL in the original's name": (_set("predicate", "original", "name"), "a\0b", "without a folder"),
    "a signature claimed without a key": (_set("predicate", "signed"), True, r"predicate\.signer is missing"),
    "a signature denied by nought": (_set("predicate", "signed"), 0, "signed is 0"),
    "a signature claimed by one": (_set("predicate", "signed"), 1, "signed is 1"),
    "a signer of what nobody signed": (_set("predicate", "signer"), {"key_id": KEY_ID}, "does not know"),
    "a clock in words": (_set("predicate", "clock"), "yesterday", "RFC 3339"),
    "a day that is not": (_set("predicate", "clock"), "2026-02-30T12:00:00Z", "calendar"),
    "division by nothing": (_set("predicate", "time_base"), "1/0", "fraction"),
}


@pytest.mark.parametrize(("change", "value", "says"), TAMPERED.values(), ids=TAMPERED.keys())
def test_a_statement_of_another_shape_is_refused(change: Callable[[Any, Any], None], value: Any, says: str) -> None:
    data = json.loads(statement_of(ORIGINAL, COPY))
    change(data, value)
    with pytest.raises(EvidenceError, match=says):
        read_statement(canonical_bytes(data))


def test_every_part_of_a_statement_is_needed() -> None:
    data = json.loads(statement_of(ORIGINAL, COPY))
    for holder in (
        data,
        data["predicate"],
        data["predicate"]["copy"],
        data["predicate"]["original"],
        data["predicate"]["frames"],
    ):
        for key in list(holder):
            value = holder.pop(key)
            with pytest.raises(EvidenceError):
                read_statement(canonical_bytes(data))
            holder[key] = value
    read_statement(canonical_bytes(data))


def test_every_kind_of_value_in_every_place_is_read_or_refused_in_words() -> None:
    for junk in (None, True, 7, "text", [], {}, [None], {"a": None}):
        data = json.loads(statement_of(ORIGINAL, COPY))
        for holder in (data, data["predicate"], data["predicate"]["copy"], data["predicate"]["original"]):
            for key, value in list(holder.items()):
                holder[key] = junk
                try:
                    read_statement(canonical_bytes(data))
                except EvidenceError as error:
                    assert str(error)  # noqa: PT017 - most are refused, some junk is well-formed; nothing else may be raised
                holder[key] = value
