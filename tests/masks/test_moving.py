"""What moves, in a plan: faces and number plates to hide, how long to follow them, and what is left visible on purpose."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.errors import PlanError
from privmask.geometry import Polygon, Size
from privmask.masks import DynamicMask, Follow, Keep, MaskPlan, notices, parse_plan, plan_from_data
from privmask.masks.plan import check_plan
from privmask.sighting import LABELS
from tests.bilingual import line_faults
from tests.masks.made import TYPES, box, plan, polygon, stars, zone

OPENING = 'format = "privmask.plan.v1"\n'
FACES = '[[dynamic]]\nlabel = "face"\n'
KEEP = '[[keep]]\nname = "asker"\nreason = "asked for pictures of themselves"\n'
TRIANGLE = "[[0, 0], [1, 0], [1, 1]]"


def complaints(text: str, camera: str | None = None) -> tuple[str, ...]:
    with pytest.raises(PlanError) as caught:
        parse_plan(OPENING + text, "plan", camera)
    assert line_faults(caught.value) == []
    return tuple(line.removeprefix("plan: ") for line in caught.value.complaints)


def test_what_moves_is_read_with_its_places_in_pixels_or_fractions() -> None:
    read = parse_plan(
        OPENING
        + """
        frame = [1920, 1080]
        [[dynamic]]
        label = "face"
        type = "Pixelated"
        margin = 0.25
        min_size = 24
        model = "robust"
        search = [[[0, 540], [1920, 540], [1920, 1080], [0, 1080]]]
        ignore = [[["0", "0"], ["1/10", "0"], ["1/10", "1/10"]], [[1900, 0], [1920, 0], [1920, 20]]]
        reason = "people in the street"
        [[dynamic]]
        label = "plate"
        enabled = false
        [follow]
        look_ahead = 0.5
        hold = 2
        [[keep]]
        name = "asker"
        reason = "asked for pictures of themselves"
        track = 7
        [[keep]]
        name = "poster"
        reason = "a face in print"
        polygon = [[0.0, 0.0], [192, 0], [192, 108]]
        """
    )
    corner = polygon((0, 0), ("1/10", 0), ("1/10", "1/10"))
    edge = polygon(("95/96", 0), (1, 0), (1, "1/54"))
    faces = DynamicMask(
        "face",
        "Pixelated",
        margin=Fraction(1, 4),
        min_size=24,
        model="robust",
        search=(box(0, "1/2", 1, 1),),
        ignore=(corner, edge),
        reason="people in the street",
    )
    assert read.masks == ()
    assert read.dynamic == (faces, DynamicMask("plate", enabled=False))
    assert read.follow == Follow(Fraction(1, 2), Fraction(2))
    assert read.keep == (
        Keep("asker", "asked for pictures of themselves", track=7),
        Keep("poster", "a face in print", polygon=corner),
    )
    assert read.labels == ("face",), "a mask that is not enabled asks for nothing to be found"


def test_what_is_not_said_is_as_the_readme_says() -> None:
    read = parse_plan(OPENING + FACES)
    assert read.dynamic == (DynamicMask("face", "Color", "#000000", Fraction(3, 10), None, "auto"),)
    assert read.follow == Follow(Fraction(1), Fraction(1))
    assert read.keep == ()


CASES: list[tuple[str, str]] = [
    (FACES + "margn = 0.3", "dynamic[1].margn: is not known; did you mean 'margin'?"),
    ("[[dynamic]]", "dynamic[1].label: is missing; the labels are face, plate, text, person"),
    ('[[dynamic]]\nlabel = "faces"', "dynamic[1].label: 'faces' is no label; the labels are face, plate, text, person"),
    (
        FACES + 'type = "Mosaic"',
        "dynamic[1].type: 'Mosaic' is no way of hiding; the ways are Color, Pixelated, Blurred",
    ),
    (FACES + 'color = "red"', "dynamic[1].color: 'red' is not of the form #rrggbb"),
    (FACES + "margin = -0.1", "dynamic[1].margin: -0.1 is not within 0…3 times the side of what is found"),
    (FACES + "margin = nan", "dynamic[1].margin: NaN is no number"),
    (FACES + "min_size = 2", "dynamic[1].min_size: 2 is not within 4…10000 samples of height"),
    (FACES + "min_size = 16.5", "dynamic[1].min_size: 16.5 is not a whole number"),
    (
        FACES + 'model = "best"',
        "dynamic[1].model: 'best' is no choice of model; the choices are auto, fast, robust, none",
    ),
    (FACES + "search = [[[0, 0], [1, 1]]]", "dynamic[1].search[1]: has 2 corners, but an area needs at least 3"),
    (FACES + f"search = [{TRIANGLE}, 3]", "dynamic[1].search[2]: is missing or no list of 3 to 1000 corners [x, y]"),
    (FACES + "ignore = [[[2, 0], [3, 0], [3, 1]]]", "dynamic[1].ignore[1]: corner 1 (2, 0) lies outside the picture"),
    (FACES + "ignore = 3", "dynamic[1].ignore: is no list of at most 100 rings of corners"),
    (FACES + FACES, "dynamic[2].label: 'face' is already the label of dynamic[1]; each needs its own"),
    (FACES + "enabled = false", "mask: the plan enables no mask, so it would hide nothing"),
    ("dynamic = 3", "dynamic: is no list of at most 1000 tables, each under its own [[dynamic]]"),
    (FACES + "[follow]\nlook_ahead = 2", "follow.look_ahead: 2 s is not within 0…1.5 s"),
    (FACES + "[follow]\nhold = -1", "follow.hold: -1 s is not within 0…10 s"),
    (FACES + "[follow]\nhold = true", "follow.hold: True is no number of seconds"),
    (FACES + "[follow]\nholds = 1", "follow.holds: is not known; did you mean 'hold'?"),
    (FACES + "[[follow]]", "follow: [{}] is no table"),
    (FACES + KEEP, "keep[1].polygon: exactly one of track and polygon says what is left visible"),
    (FACES + KEEP + f"track = 1\npolygon = {TRIANGLE}", "keep[1].polygon: exactly one of track and polygon says"),
    (FACES + KEEP + "track = 0", "keep[1].track: 0 is no track; they count from 1"),
    (FACES + KEEP + "track = true", "keep[1].track: True is not a whole number"),
    (FACES + KEEP + "polygon = [[0, 0], [1, 1]]", "keep[1].polygon: has 2 corners, but an area needs at least 3"),
    (FACES + '[[keep]]\nname = "a"\ntrack = 1', "keep[1].reason: is empty; why something is left visible on purpose"),
    (
        FACES + '[[keep]]\nreason = "a"\ntrack = 1',
        "keep[1].name: is empty; what is left visible on purpose is recorded",
    ),
    (FACES + 2 * (KEEP + "track = 1\n"), "keep[2].name: 'asker' is already the name of keep[1]; each needs its own"),
    (
        KEEP + "track = 1\n",
        "mask: a plan holds 1 to 1000 masks, each under its own [[mask]], or what moves under [[dynamic]]",
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_each_mistake_is_told_with_its_place(text: str, expected: str) -> None:
    found = complaints(text)
    assert any(line.startswith(expected) for line in found), found


def test_a_place_to_search_has_no_holes() -> None:
    ring = (Fraction(1, 4), Fraction(1, 4)), (Fraction(1, 2), Fraction(1, 4)), (Fraction(1, 2), Fraction(1, 2))
    holed = Polygon(box(0, 0, 1, 1).points, (ring,))
    with pytest.raises(PlanError, match=r"dynamic\[1\]\.search\[1\]: has holes"):
        check_plan(MaskPlan((), dynamic=(DynamicMask("face", search=(holed,)),)))


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        (MaskPlan((zone(box(0, 0, 1, 1), token="a" * 1001),)), "mask[1].token"),
        (MaskPlan((zone(box(0, 0, 1, 1), reason="one\nline"),)), "mask[1].reason"),
        (MaskPlan((zone(box(0, 0, 1, 1)),), camera="gate\x07"), "camera"),
        (MaskPlan((zone(box(0, 0, 1, 1)),), keep=(Keep("x" * 1001, "asked", track=1),)), "keep[1].name"),
        (MaskPlan((zone(box(0, 0, 1, 1)),), keep=(Keep("x", "\u202e", track=1),)), "keep[1].reason"),
    ],
)
def test_a_plan_made_in_python_holds_no_text_that_a_statement_could_not(plan: MaskPlan, place: str) -> None:
    with pytest.raises(PlanError, match=re.escape(f"{place}: is not a text of at most 1000 printable characters")):
        check_plan(plan)


def test_cameras_share_a_file_for_what_moves_too() -> None:
    text = f'{FACES}camera = "gate"\n{FACES}camera = "yard"\nmargin = 0.5\n{KEEP}camera = "yard"\ntrack = 3'
    gate, yard = (parse_plan(OPENING + text, camera=camera) for camera in ("gate", "yard"))
    assert (gate.camera, gate.dynamic, gate.keep) == ("gate", (DynamicMask("face"),), ())
    assert yard.dynamic == (DynamicMask("face", margin=Fraction(1, 2)),)
    assert [keep.track for keep in yard.keep] == [3]
    assert complaints(text)[0] == "camera: the plan holds masks of several cameras; name one of them: 'gate', 'yard'"


@settings(max_examples=60)
@given(
    st.sampled_from(LABELS),
    st.sampled_from(TYPES),
    st.fractions(0, 3),
    st.lists(stars(), max_size=2),
    st.fractions(0, 1),
)
def test_what_moves_survives_the_way_through_json(
    label: Any, kind: Any, margin: Fraction, places: list[Polygon], seconds: Fraction
) -> None:
    made = MaskPlan(
        (zone(box(0, 0, 1, 1)),),
        "gate",
        Size(640, 360),
        (
            DynamicMask(
                label, kind, margin=margin, min_size=12, search=tuple(places), ignore=tuple(places), reason="人"
            ),
        ),
        Follow(seconds, seconds),
        (Keep("a", "b", track=2), Keep("c", "d", polygon=box(0, 0, "1/3", 1))),
    )
    text = json.dumps(made.as_data())
    assert plan_from_data(json.loads(text, parse_float=no_float)) == made


def no_float(text: str) -> None:
    raise AssertionError(f"{text} is a float")


def test_a_plan_without_anything_that_moves_says_what_it_always_said() -> None:
    assert set(plan(zone(box(0, 0, 1, 1))).as_data()) == {"format", "camera", "mask"}
    waiting = replace(plan(zone(box(0, 0, 1, 1))), follow=Follow(hold=Fraction(3)))
    assert plan_from_data(waiting.as_data()) == waiting


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)), st.lists, max_leaves=6))
@settings(max_examples=100)
def test_hostile_data_is_told_and_nothing_else(value: Any) -> None:
    moving = MaskPlan((), dynamic=(DynamicMask("face"),), keep=(Keep("a", "b", track=1),)).as_data()
    cases = [moving | {key: value} for key in ("dynamic", "follow", "keep")]
    cases += [moving | {"dynamic": [moving["dynamic"][0] | {key: value}]} for key in DynamicMask.__slots__]
    cases += [moving | {"keep": [moving["keep"][0] | {key: value}]} for key in Keep.__slots__]
    cases += [moving | {"follow": {key: value}} for key in Follow.__slots__]
    for data in cases:
        with suppress(PlanError):
            assert isinstance(plan_from_data(data), MaskPlan)


def test_a_detector_must_find_all_that_is_to_be_hidden() -> None:
    others = DynamicMask("text", enabled=False), DynamicMask("person", model="none")
    both = MaskPlan((), dynamic=(DynamicMask("face"), DynamicMask("plate"), *others))
    both.require({"face", "plate"})
    with pytest.raises(PlanError, match="dynamic: the detector cannot find 'plate'; it finds face, person"):
        both.require({"person", "face"})
    with pytest.raises(PlanError, match="it finds nothing"):
        both.require(())


def test_what_is_kept_and_what_is_not_enabled_is_said() -> None:
    made = MaskPlan(
        (),
        dynamic=(DynamicMask("face"), DynamicMask("plate", enabled=False)),
        keep=(Keep("asker", "why", track=7), Keep("poster", "why", polygon=box(0, 0, "1/2", 1))),
    )
    assert tuple(map(str, notices(made))) == (
        "dynamic[2] 'plate' is not enabled and hides nothing",
        "keep[1] 'asker' leaves track 7 visible on purpose",
        "keep[2] 'poster' leaves everything inside its polygon visible on purpose",
    )
