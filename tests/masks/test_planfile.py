"""Plans as people write them: what is read, and what each mistake is told."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import date, time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.errors import PlanError
from privmask.geometry import Polygon, Size
from privmask.masks import Mask, MaskPlan, load_plan, notices, parse_plan, parse_zone, plan_from_data
from tests.bilingual import line_faults
from tests.masks.made import TYPES, box, plan, polygon, stars, zone

OPENING = 'format = "privmask.plan.v1"\n'
TRIANGLE = "polygon = [[0, 0], [1, 0], [1, 1]]\n"
ZONE = f'[[mask]]\ntoken = "a"\n{TRIANGLE}'


def complaints(text: str, camera: str | None = None) -> tuple[str, ...]:
    with pytest.raises(PlanError) as caught:
        parse_plan(text, "zones.toml", camera)
    assert all(line.startswith("zones.toml: ") for line in caught.value.complaints)
    assert line_faults(caught.value) == []
    return tuple(line.removeprefix("zones.toml: ") for line in caught.value.complaints)


def of_mask(lines: str, polygon: str = TRIANGLE) -> tuple[str, ...]:
    return complaints(f'{OPENING}[[mask]]\ntoken = "a"\n{polygon}{lines}')


def test_the_plan_of_the_design_is_read() -> None:
    text = """
        format = "privmask.plan.v1"
        camera = "gate"
        frame = [1920, 1080]
        [[mask]]
        token = "neighbour-window"
        reason = "2階の窓"
        polygon = [[192, 216], [576, 216], [576, 540]]
        holes = [[[500, 230], [550, 230], [550, 250]]]
        type = "Pixelated"
        start = 1.0
        end = 2.5
        valid = ["2026-04-01", 2027-03-31]
        hours = ["18:00-06:00", "12:00 - 24:00"]
        [[mask]]
        token = "sky"
        polygon = [["0", "1/10"], [1920, 108], [1920, 0.0]]
        color = "#A0b0C0"
        enabled = false
        invert = true
    """
    shape = polygon(("1/10", "1/5"), ("3/10", "1/5"), ("3/10", "1/2"))
    hole = tuple((Fraction(x, 1920), Fraction(y, 1080)) for x, y in ((500, 230), (550, 230), (550, 250)))
    window = Mask(
        "neighbour-window",
        Polygon(shape.points, (hole,)),
        "Pixelated",
        reason="2階の窓",
        start=Fraction(1),
        end=Fraction(5, 2),
        valid=(date(2026, 4, 1), date(2027, 3, 31)),
        hours=((time(18), time(6)), (time(12), time(0))),
    )
    sky = Mask("sky", polygon((0, "1/10"), (1, "1/10"), (1, 0)), color="#A0b0C0", enabled=False, invert=True)
    assert parse_plan(text) == MaskPlan((window, sky), "gate", Size(1920, 1080))


def test_decimals_are_exact() -> None:
    read = parse_plan(f'{OPENING}[[mask]]\ntoken = "a"\npolygon = [[0.1, 0.2], [0.3, 0.2], [0.3, 0.7]]')
    assert read.masks[0].polygon == polygon(("1/10", "1/5"), ("3/10", "1/5"), ("3/10", "7/10"))


CASES: list[tuple[str, str]] = [
    ('typ = "Color"', "mask[1].typ: is not known; did you mean 'type'?"),
    ('type = "color"', "mask[1].type: 'color' is no way of hiding; the ways are Color, Pixelated, Blurred; did you mean"),
    ("type = 3", "mask[1].type: 3 is not a text of at most 1000 printable characters"),
    ('color = "red"', "mask[1].color: 'red' is not of the form #rrggbb, such as #000000"),
    ("enabled = 1", "mask[1].enabled: 1 is not true or false"),
    ("start = 3\nend = 2.5", "mask[1].end: 2.5 s is not after the start, 3 s; the mask would never hold"),
    ("end = 0", "mask[1].end: 0 s is not after the start, 0 s; the mask would never hold"),
    ("start = -1", "mask[1].start: -1 s lies before the first frame, which is second 0"),
    ('start = "soon"', "mask[1].start: 'soon' is no number of seconds"),
    ("start = nan", "mask[1].start: NaN is no number of seconds"),
    ("end = 1e99", "mask[1].end: 1E+99 is no number of seconds"),
    ('valid = ["2026-04-01"]', """mask[1].valid: ['2026-04-01'] is no pair of dates, such as ["2026-04-01", "2027-03-31"]"""),
    ('valid = ["2026-02-30", "2026-03-01"]', "mask[1].valid: ['2026-02-30', '2026-03-01'] is no pair of dates"),
    ('valid = ["2026-04-02", "2026-04-01"]', "mask[1].valid: the first day, 2026-04-02, is after the last, 2026-04-01"),
    ('hours = ["25:00-06:00"]', """mask[1].hours: ['25:00-06:00'] is no list of hours, such as ["18:00-06:00"]"""),
    ('hours = "18:00-06:00"', "mask[1].hours: '18:00-06:00' is no list of hours"),
    ("hours = []", "mask[1].hours: [] is no list of hours"),
    ('hours = ["18:00+09:00-06:00"]', "mask[1].hours: a time has an offset; hours are local to the camera"),
    ('hours = ["08:00-08:00"]', "mask[1].hours: 08:00-08:00 is no time at all; the whole day is 00:00-24:00"),
    ("holes = [[[0.1, 0.9], [0.2, 0.9], [0.2, 0.95]]]", "mask[1].holes[1]: lies outside its outline, or crosses it"),
    ("holes = [[[0.6, 0.1], [0.7, 0.1]]]", "mask[1].holes[1]: has 2 corners, but an area needs at least 3"),
    ("holes = 3", "mask[1].holes: is no list of at most 100 rings of corners"),
    ('reason = "a\\u0007b"', "mask[1].reason: 'a\\x07b' is not a text of at most 1000 printable characters"),
]


@pytest.mark.parametrize(("lines", "expected"), CASES)
def test_each_mistake_is_told_with_its_place(lines: str, expected: str) -> None:
    found = of_mask(lines)
    assert len(found) == 1
    assert found[0].startswith(expected)


OUTLINES: list[tuple[str, str]] = [
    ("", "mask[1].polygon: is missing or no list of 3 to 1000 corners [x, y]"),
    ("polygon = [[0, 0], [1, 1]]", "mask[1].polygon: has 2 corners, but an area needs at least 3"),
    ("polygon = [[0, 0], [1, 1], [0.5, 0.5]]", "mask[1].polygon: the sides after corners 1 and 2 meet; an outline may not"),
    ("polygon = [[0, 0], [1, 1], [1, 0], [0, 1]]", "mask[1].polygon: the sides after corners 1 and 3 meet; an outline may"),
    ("polygon = [[0, 0], [1, 0], [1, 1], [0, 0]]", "mask[1].polygon: corner 4 is given twice in a row"),
    ("polygon = [[0, 0], [1, 0], [1]]", "mask[1].polygon: corner 3: [1] is no pair of numbers"),
    ("polygon = [[0, 0], [1, 0], [nan, 1]]", "mask[1].polygon: corner 3: (NaN, 1) holds something that is no usable number"),
    ("polygon = [[0, 0], [1, 0], [inf, 1]]", "mask[1].polygon: corner 3: (Infinity, 1) holds something"),
    ("polygon = [[0, 0], [1, 0], [true, 1]]", "mask[1].polygon: corner 3: (True, 1) holds something"),
    ('polygon = [[0, 0], [1, 0], ["1/0", 1]]', "mask[1].polygon: corner 3: ('1/0', 1) holds something"),
    ("polygon = [[0, 0], [1, 0], [1e300, 1]]", "mask[1].polygon: corner 3: (1E+300, 1) holds something"),
    ("polygon = [[1.2, 0.5], [1.5, 0.5], [1.5, 1]]", "mask[1].polygon: corner 1 (1.2, 0.5) lies outside the picture (0…1)"),
    ("polygon = [[0.5, 1], [1, 1], [1, 2]]", "mask[1].polygon: corner 3 (1, 2) lies outside the picture"),
    ("polygon = [[1.6, 0.5], [0.5, 1.6], [2, 2]]", "mask[1].polygon: corner 1 (1.6, 0.5) lies outside the picture"),
]


@pytest.mark.parametrize(("outline", "expected"), OUTLINES)
def test_each_outline_that_is_none_is_told(outline: str, expected: str) -> None:
    found = of_mask("", outline)
    assert len(found) == 1
    assert found[0].startswith(expected)


WHOLE: list[tuple[str, str]] = [
    ("", "format: is missing; a plan opens with"),
    ('format = "privmask.plan.v2"\n' + ZONE, "format: 'privmask.plan.v2' is not known to this version"),
    (OPENING, "mask: a plan holds 1 to 1000 masks, each under its own [[mask]]"),
    (OPENING + "mask = []", "mask: a plan holds 1 to 1000 masks"),
    (OPENING + "mask = [3]", "mask[1]: 3 is no table"),
    (OPENING + ZONE + "enabled = false", "mask: the plan enables no mask, so it would hide nothing"),
    (OPENING + ZONE + ZONE, "mask[2].token: 'a' is already the name of mask[1]; each needs its own"),
    (OPENING + "[[mask]]\n" + TRIANGLE, "mask[1].token: is empty; each mask needs a name of its own"),
    (OPENING + "fram = [1, 2]\n" + ZONE, "fram: is not known; did you mean 'frame'?"),
    (OPENING + "frame = [1920]\n" + ZONE, "frame: [1920] is no picture size"),
    (OPENING + "frame = [1920, 0]\n" + ZONE, "frame: [1920, 0] is no picture size"),
    ("format = ", "is not TOML: Invalid value"),
    (OPENING + "frame = " + "[" * 5000, "is not TOML: "),
    (OPENING + "frame = " + "9" * 5000, "is not TOML: "),
]


@pytest.mark.parametrize(("text", "expected"), WHOLE)
def test_each_mistake_of_the_whole_plan_is_told(text: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in complaints(text))


def test_all_complaints_come_at_once_and_each_thing_is_told_once() -> None:
    text = f"""{OPENING}
        [[mask]]
        token = "a"
        polygon = [[1.2, 0.5], [1.5, 0.5], [1.5, 1]]
        type = "Colour"
        [[mask]]
        polygon = [[0, 0], [1, nan], [1, 1]]
        [[mask]]
        token = "a"
        polygon = [[0, 0], [1, 0], [1, 1]]
        start = 2
        end = 1
        [follow]
        hold = "long"
    """
    assert [line.split(": ")[0] for line in complaints(text)] == [
        "mask[1].type",
        "mask[2].polygon",
        "follow.hold",
        "mask[1].polygon",
        "mask[2].token",
        "mask[3].token",
        "mask[3].end",
    ]


SEVERAL = f"""{OPENING}
[[mask]]
token = "all"
{TRIANGLE}
[[mask]]
camera = "gate"
token = "window"
{TRIANGLE}
[[mask]]
camera = "yard"
token = "window"
{TRIANGLE}
"""


def test_one_file_may_hold_several_cameras_and_one_is_picked() -> None:
    gate = parse_plan(SEVERAL, camera="gate")
    assert (gate.camera, [mask.token for mask in gate.masks]) == ("gate", ["all", "window"])
    assert [mask.token for mask in parse_plan(SEVERAL, camera="yard").masks] == ["all", "window"]
    assert complaints(SEVERAL)[0] == "camera: the plan holds masks of several cameras; name one of them: 'gate', 'yard'"
    assert complaints(SEVERAL, "roof") == ("camera: 'roof' is not in the plan, which holds 'gate', 'yard'",)


def test_one_camera_need_not_be_named() -> None:
    assert parse_plan(f'{OPENING}camera = "gate"\n{ZONE}').camera == "gate"
    assert parse_plan(f"{OPENING}{ZONE}", camera="gate").camera == "gate"
    assert parse_plan(f'{OPENING}{ZONE}camera = "gate"').camera == "gate"
    assert complaints(f'{OPENING}camera = "gate"\n{ZONE}', "yard") == ("camera: 'yard' is not in the plan, which holds 'gate'",)


@settings(max_examples=60)
@given(stars(), st.sampled_from(TYPES), st.booleans(), st.fractions(0, 100), st.one_of(st.none(), st.integers(1, 9)))
def test_a_plan_survives_the_way_through_json(
    shape: Polygon, kind: Any, invert: bool, start: Fraction, length: int | None
) -> None:
    end = None if length is None else start + length
    made = MaskPlan((zone(shape, kind, start=start, end=end, invert=invert, reason="窓"),), "gate", Size(640, 360))
    text = json.dumps(made.as_data())
    assert plan_from_data(json.loads(text)) == made
    assert not any(isinstance(value, float) for value in _leaves(json.loads(text)))


def _leaves(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [leaf for value in data.values() for leaf in _leaves(value)]
    return [leaf for value in data for leaf in _leaves(value)] if isinstance(data, list) else [data]


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)), st.lists, max_leaves=6))
@settings(max_examples=150)
def test_hostile_data_is_told_and_nothing_else(value: Any) -> None:
    sound = plan(zone(box(0, 0, 1, 1))).as_data()
    for key in ("format", "camera", "frame", "mask"):
        _read_or_told(sound | {key: value})
    for key in ("polygon", "holes", "type", "color", "start", "end", "valid", "hours", "invert", "enabled"):
        _read_or_told(sound | {"mask": [sound["mask"][0] | {key: value}]})


def _read_or_told(data: dict[str, Any]) -> None:
    with suppress(PlanError):
        assert isinstance(plan_from_data(data), MaskPlan)


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "zones.toml"
    for mark in (b"", b"\xef\xbb\xbf"):
        file.write_bytes(mark + (OPENING + ZONE).encode())
        assert load_plan(file).masks[0].token == "a"


def test_what_is_no_plan_file_is_told_at_once(tmp_path: Path) -> None:
    pipe, latin, huge = tmp_path / "pipe", tmp_path / "latin", tmp_path / "huge"
    os.mkfifo(pipe)
    latin.write_bytes(b'format = "\xe9"')
    huge.write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    cases: list[tuple[str | Path, str]] = [
        (tmp_path, "directory"),
        (pipe, "no regular file"),
        (tmp_path / "missing", "No such file"),
        (latin, "byte 10 is not UTF-8"),
        (huge, "larger than 4 MiB"),
        ("a\0b", "null byte"),
    ]
    for path, expected in cases:
        with pytest.raises(PlanError, match=expected):
            load_plan(path)


def test_a_zone_on_the_command_line_is_fractions_or_pixels() -> None:
    fractions = parse_zone("0.1,0.2 0.3,0.2 0.3,0.5", "a", "Blurred")
    assert fractions == Mask("a", polygon(("1/10", "1/5"), ("3/10", "1/5"), ("3/10", "1/2")), "Blurred")
    assert parse_zone("192,216 576,216  576,540", "a", "Blurred", Size(1920, 1080)) == fractions
    assert parse_zone("0,0 1,0 1,1", "a", size=Size(1920, 1080)).polygon == polygon((0, 0), (1, 0), (1, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "at least 3"),
        ("1,2 3", "corner 2: .* no pair"),
        ("1,2 3,x 4,5", "corner 2: .* no usable number"),
        ("0,0 100,0 100,100", "no picture's size is known"),
        ("0,0 1,1 0.5,0.5", "meet"),
    ],
)
def test_a_zone_that_is_none_is_told_with_its_words(text: str, expected: str) -> None:
    with pytest.raises(PlanError, match=expected):
        parse_zone(text, "a")


def test_pixels_off_the_picture_are_told() -> None:
    with pytest.raises(PlanError, match="lies outside the picture"):
        parse_zone("700,0 800,0 800,100", "a", size=Size(640, 360))


def test_a_zone_partly_off_the_picture_is_clipped_and_said() -> None:
    made = plan(zone(box("0.5", "0.5", "1.2", 1), token="a"), zone(box(0, 0, 1, 1), token="b", enabled=False))
    assert plan_from_data(made.as_data()) == made
    assert tuple(map(str, notices(made))) == (
        "mask[1] 'a' reaches off the picture (corner 2 is (1.2, 0.5)) and is clipped to it",
        "mask[2] 'b' is not enabled and hides nothing",
    )
