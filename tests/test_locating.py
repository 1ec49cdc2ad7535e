"""Where a copy's pictures are not those of its statement. Copies are drawn: a letter for each group of two seconds.

Each letter is the content of a group of ten pictures; what the statement names is ABCDEF, twelve seconds.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from privmask import locating
from privmask.evidence import FileRecord, Statement
from privmask.evidence.canonical import Json
from privmask.video import Gop, PacketHashes

STATED = "ABCDEF"


def found(drawn: str, times: list[int] | None = None, packets: dict[int, int] | None = None) -> PacketHashes:
    starts = times or [2 * index for index in range(len(drawn))]
    counts = [(packets or {}).get(index, 10) for index in range(len(drawn))]
    each = zip(drawn, starts, counts, strict=True)
    gops = tuple(Gop(Fraction(start), count, letter * 64) for letter, start, count in each)
    return PacketHashes(sum(counts), 0, drawn.ljust(64, "."), gops)


def located(found: PacketHashes, statement: Statement) -> str:
    words = locating.located(found, statement)
    assert words is None or words.ja != words.en
    return words.en if words else ""


def statement(drawn: str = STATED) -> Statement:
    of = found(drawn)
    gops: list[Json] = [{"start": str(gop.start), "packets": gop.packets, "sha256": gop.sha256} for gop in of.gops]
    return Statement(FileRecord("copy.mp4", 1, "0" * 64), {"copy": {"gops": gops, "stream_sha256": of.stream_sha256}})


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ("ABCDEF", ""),
        ("ABxDEF", "pictures changed between 4.0 s and 6.0 s"),
        ("xBCDEF", "pictures changed between 0.0 s and 2.0 s"),
        ("ABCDEx", "pictures changed between 10.0 s and the end"),
        ("AxxDxF", "pictures changed between 2.0 s and 6.0 s; pictures changed between 8.0 s and 10.0 s"),
        ("ABCD", "the copy was cut: it ends at 8.0 s, stated are 12.0 s"),
        ("CDEF", "the copy was cut: it begins at 4.0 s, stated are 12.0 s"),
        ("CD", "the copy was cut: it begins at 4.0 s and ends at 8.0 s, stated are 12.0 s"),
        ("ABEF", "pictures changed between 4.0 s and 8.0 s; the copy holds 40 pictures, stated are 60"),
        ("ABCCDEF", "pictures were put in at 6.0 s; the copy holds 70 pictures, stated are 60"),
        ("ABCDEFG", "pictures were put in at 12.0 s; the copy holds 70 pictures, stated are 60"),
        ("ACBDEF", "the order of the pictures was changed: at 2.0 s stands what is stated to be at 4.0 s"),
        ("uvwxyz", "made for another copy"),
        ("u", "made for another copy"),
    ],
)
def test_what_was_done_to_the_pictures_is_named_with_its_place(drawn: str, words: str) -> None:
    said = located(found(drawn), statement())
    assert said.endswith(words)
    assert bool(said) == (drawn != STATED)


def test_changed_times_are_told_from_changed_pictures() -> None:
    late = located(found(STATED, [0, 2, 4, 7, 9, 11]), statement())
    assert late == "the times of the pictures were changed: what is stated to begin at 6.0 s begins at 7.0 s"


def test_a_group_that_lost_a_picture_is_named_and_the_pictures_counted() -> None:
    assert located(found("ABxDEF", packets={2: 9}), statement()).endswith("holds 59 pictures, stated are 60")


def test_many_places_are_counted() -> None:
    said = located(found("a" + "bx" * 20), statement("a" + "by" * 20))
    assert said.count("pictures changed") == 5
    assert said.endswith("and in 15 more places")


def test_a_statement_whose_hashes_contradict_each_other_is_not_believed() -> None:
    other = replace(found(STATED), stream_sha256="0" * 64)
    assert "contradicts itself" in located(other, statement())


def test_a_hundred_thousand_groups_that_are_all_alike_take_no_time() -> None:
    import time

    began = time.process_time()
    assert "pictures were put in" in located(found("A" * 100_001), statement("A" * 100_000))
    assert time.process_time() - began < 20
