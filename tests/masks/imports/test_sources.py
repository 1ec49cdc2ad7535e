"""One file of each source, and what its zones become in the plan."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import PlanError
from privmask.geometry import Polygon, Ring, Size
from privmask.masks import MaskPlan, parse_plan
from privmask.masks.imports import Imported, Wishes, as_onvif, import_zones
from privmask.masks.outline import faults
from privmask.masks.plan import Mask
from privmask.masks.ways import MaskType

NONE = Wishes()


def imported(folder: Path, source: str, content: str | bytes, wishes: Wishes = NONE, camera: str | None = None) -> Imported:
    path = folder / "zones"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_zones(source, path, wishes, camera)


def plan_of(folder: Path, source: str, content: str | bytes, wishes: Wishes = NONE, camera: str | None = None) -> MaskPlan:
    return parse_plan(imported(folder, source, content, wishes, camera).text)


def ring(*corners: tuple[str, str]) -> Ring:
    return tuple((Fraction(x), Fraction(y)) for x, y in corners)


# ONVIF.


def masks(*bodies: str) -> str:
    space = 'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'
    return f"<?xml version='1.0'?><tr2:GetMasksResponse {space}>{''.join(bodies)}</tr2:GetMasksResponse>"


UPPER_LEFT = "-1,1 0,1 0,0.5 -1,0.5"


def mask(token: str = "M1", points: str = UPPER_LEFT, more: str = "", enabled: str = "true", camera: str = "VSC") -> str:
    corners = "".join('<tt:Point x="{}" y="{}"/>'.format(*point.split(",")) for point in points.split())
    return (
        f'<tr2:Masks token="{token}"><tr2:ConfigurationToken>{camera}</tr2:ConfigurationToken>'
        f"<tr2:Polygon>{corners}</tr2:Polygon><tr2:Type>Color</tr2:Type>{more}<tr2:Enabled>{enabled}</tr2:Enabled></tr2:Masks>"
    )


def test_onvif_counts_from_the_middle_and_up(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "onvif", masks(mask()))
    assert plan.camera == "VSC"
    (found,) = plan.masks
    assert (found.token, found.type, found.color) == ("M1", "Color", "#000000")
    assert found.polygon.points == ring(("0", "0"), ("1/2", "0"), ("1/2", "1/4"), ("0", "1/4"))  # the upper left


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ('<tr2:Color X="255" Y="0" Z="0" Colorspace="http://www.onvif.org/ver10/colorspace/RGB"/>', "#ff0000"),
        ('<tr2:Color X="76" Y="85" Z="255" Colorspace="http://www.onvif.org/ver10/colorspace/YCbCr"/>', "#fe0000"),
        ('<tr2:Color X="255" Y="128" Z="128"/>', "#ffffff"),
        ('<tr2:Color X="1" Y="2" Z="3" Colorspace="http://www.onvif.org/ver10/colorspace/HSV"/>', "#000000"),
    ],
)
def test_onvif_colours_of_both_spaces(color: str, expected: str, tmp_path: Path) -> None:
    assert plan_of(tmp_path, "onvif", masks(mask(more=color))).masks[0].color == expected


def test_a_mask_that_is_off_in_the_camera_comes_along_asleep_and_is_told(tmp_path: Path) -> None:
    found = imported(tmp_path, "onvif", masks(mask("A"), mask("B", enabled="false")))
    assert [mask.enabled for mask in parse_plan(found.text).masks] == [True, False]
    assert any("'B'" in str(notice) for notice in found.notices)


def test_masks_of_several_video_sources_keep_their_cameras(tmp_path: Path) -> None:
    both = masks(mask("A", camera="front"), mask("B", camera="back"))
    text = imported(tmp_path, "onvif", both).text
    assert [mask.token for mask in parse_plan(text, camera="back").masks] == ["B"]
    assert plan_of(tmp_path, "onvif", both, camera="front").masks[0].token == "A"
    with pytest.raises(PlanError, match="the file holds 'back', 'front'"):
        imported(tmp_path, "onvif", both, camera="side")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (mask(points="-1,1 0,1"), "needs at least 3"),
        (mask(points="0,0 640,0 640,480"), "look like pixels"),
        (mask(points="a,0 1,0 1,1"), "'M1': point 1: x: found 'a'"),
        (mask(points="-1,-1 1,1 1,-1 -1,1"), "may not cross"),
        (mask(enabled="maybe"), "true or false"),
        ("", "found 'no mask'"),
    ],
)
def test_an_onvif_mask_that_is_none_is_told_with_its_token(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as error:
        imported(tmp_path, "onvif", masks(body))
    assert said in str(error.value)
    assert str(tmp_path / "zones") in str(error.value)


SHARES = st.integers(0, 1000).map(lambda number: Fraction(number, 1000))
CORNERS = st.lists(st.tuples(SHARES, SHARES), min_size=3, max_size=7)


@given(st.lists(CORNERS, min_size=1, max_size=3), st.sampled_from(["Color", "Pixelated", "Blurred"]))
def test_a_plan_that_goes_to_onvif_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, rings: list[Ring], type: MaskType
) -> None:
    polygons = [polygon for polygon in (Polygon(tuple(ring)) for ring in rings) if not [*faults(polygon)]]
    if not polygons:
        return
    color = "#12ab34" if type == "Color" else "#000000"
    plan = MaskPlan(tuple(Mask(f"<{n}&\"'", each, type, color) for n, each in enumerate(polygons)), "gate <1>")
    back = plan_of(tmp_path_factory.mktemp("onvif"), "onvif", as_onvif(plan)[0])
    assert back.camera == plan.camera
    kept = [(mask.token, mask.polygon, mask.type, mask.color, mask.enabled) for mask in plan.masks]
    assert [(mask.token, mask.polygon, mask.type, mask.color, mask.enabled) for mask in back.masks] == kept


def test_what_onvif_cannot_say_is_refused_or_told() -> None:
    square = ring(("0", "0"), ("1/2", "0"), ("1/2", "1/2"))
    for bad in (Mask("a", Polygon(square), invert=True), Mask("a", Polygon(square, (square,)))):
        with pytest.raises(PlanError, match="ONVIF cannot say"):
            as_onvif(MaskPlan((bad,)))
    with pytest.raises(PlanError, match="what moves"):
        as_onvif(parse_plan('format = "privmask.plan.v1"\n[[dynamic]]\nlabel = "face"\n'))
    (told,) = as_onvif(MaskPlan((Mask("a", Polygon(square), start=Fraction(3)),)))[1]
    assert "start" in told.en
    assert "at all times" in told.en


# ZoneMinder.

DUMP = """
CREATE TABLE `Zones` (`Id` int(10) unsigned NOT NULL, `MonitorId` int);
INSERT INTO `Zones` VALUES (1,2,'All','Active','Percent',4,'0,0 100,0 100,100 0,100',1,16711680),
(2,2,'Neighbour''s (door); \\'x\\'','Privacy','Percent',4,'10,20 30,20 30,50 10,50',3,NULL),
(3,2,'w','Privacy','Pixels',3,'0,0 99,0 99,49',9,0);
"""


def test_zoneminder_only_privacy_zones_hide(tmp_path: Path) -> None:
    found = imported(tmp_path, "zoneminder", DUMP, Wishes(size=Size(100, 50)))
    plan = parse_plan(found.text)
    assert [mask.token for mask in plan.masks] == ["Neighbour's (door); 'x'", "w"]
    assert plan.camera == "2"
    assert plan.masks[0].polygon.points == ring(("1/10", "1/5"), ("3/10", "1/5"), ("3/10", "1/2"), ("1/10", "1/2"))
    assert [*map(str, found.notices)] == ["1 zones of other types hide nothing in ZoneMinder and are left out"]


def test_zoneminder_pixels_reach_to_the_samples_that_they_name(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "zoneminder", DUMP, Wishes(size=Size(100, 50)))
    assert plan.masks[1].polygon.points == ring(("1/200", "1/100"), ("199/200", "1/100"), ("199/200", "99/100"))


def test_zoneminder_as_csv_tabs_and_json_is_the_same(tmp_path: Path) -> None:
    row = {"Id": "2", "MonitorId": "1", "Name": "door", "Type": "Privacy", "Units": "Percent", "NumCoords": "3"}
    row["Coords"] = "0,0 50,0 50,50"
    quoted = [f'"{value}"' for value in row.values()]
    ways = [
        ",".join(row) + "\n" + ",".join(quoted) + "\n",
        "\t".join(row) + "\n" + "\t".join(row.values()) + "\n",
        json.dumps({"zones": [{"Zone": row}]}),
        json.dumps([row]),
    ]
    plans = [plan_of(tmp_path, "zoneminder", way) for way in ways]
    assert [plan.masks[0].polygon for plan in plans] == [Polygon(ring(("0", "0"), ("1/2", "0"), ("1/2", "1/2")))] * 4
    assert {(plan.masks[0].token, plan.camera) for plan in plans} == {("door", "1")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (DUMP, "--size 1920x1080"),
        (DUMP.replace("Privacy", "Inactive"), "none of them of Type 'Privacy'"),
        (DUMP.replace("10,20 30,20", "10,20 30;20"), "'30;20'"),
        (DUMP.replace("'10,20 30,20 30,50 10,50'", "'10,20 30,20 30,50'"), "as NumCoords says"),
        (DUMP.replace("'Percent',4,'10", "'Parsec',4,'10"), "Parsec"),
        (DUMP.replace("NULL)", "NULL"), "Zones, row 2"),
        ("Id,Name\n1,x\n", "Coords"),
        ("hello", "the first line"),
        ('{"zones": 3}', "zones: found 3"),
        ("{", "is not JSON"),
    ],
)
def test_zoneminder_files_that_are_wrong_say_where(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as error:
        imported(tmp_path, "zoneminder", content)
    assert said in str(error.value)


# motion.


def test_motion_hides_what_is_black_in_its_mask(tmp_path: Path) -> None:
    rows = [bytes(0 if 2 <= x < 6 and 1 <= y < 4 else 255 for x in range(10)) for y in range(8)]
    found = imported(tmp_path, "motion", b"P5\n# made by hand\n10 8\n255\n" + b"".join(rows))
    plan = parse_plan(found.text)
    assert plan.frame == Size(10, 8)
    assert set(plan.masks[0].polygon.points) == set(ring(("1/5", "1/8"), ("3/5", "1/8"), ("3/5", "1/2"), ("1/5", "1/2")))
    text = "P2 10 8 255\n" + " ".join(str(value) for row in rows for value in row)
    assert plan_of(tmp_path, "motion", text).masks == plan.masks
    wide = b"P5 10 8 65535\n" + b"".join(bytes([value, value]) for row in rows for value in row)
    assert plan_of(tmp_path, "motion", wide).masks == plan.masks


def test_grey_pixels_of_motion_are_hidden_whole(tmp_path: Path) -> None:
    found = imported(tmp_path, "motion", b"P5 2 2 255\n\xfe\xff\xff\xff")
    assert parse_plan(found.text).masks
    assert "grey" in str(found.notices[0])


@pytest.mark.parametrize(
    "content",
    [
        *(b"P5 2 2 255\n\xff\xff\xff\xff", b"P5 2 2 255\n\x00\x00", b"P6 2 2 255\n", b"", b"P5 0 2 255\n"),
        *(b"P5 2 2 0\n\x00\x00\x00\x00", b"P5 99999 99999 255\n", b"P2 2 2 255\n1 2 3 x", b"P2 2 2 255\n1 2 3 -4"),
        b"\xff\xd8\xff\xe0 JFIF",
    ],
)
def test_motion_masks_that_hide_nothing_or_are_none_are_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PlanError):
        imported(tmp_path, "motion", content)


# Frigate.

FRIGATE = """
cameras:
  gate:
    detect: {width: 1280, height: 720}
    motion:
      mask: [0.1,0.2,0.3,0.2,0.3,0.5, "0,0,640,0,640,360,0,360"]
    objects:
      mask: "0.5,0.5,1.001,0.5,1.001,1"
      filters: {person: {mask: ["0,0,0.1,0,0.1,0.1"]}}
    zones: {yard: {coordinates: "0,0,1,0,1,1"}}
  yard: {motion: {mask: {tree: {coordinates: "0,0,0.5,0,0.5,0.5"}}}}
""".replace("[0.1,0.2,0.3,0.2,0.3,0.5,", '["0.1,0.2,0.3,0.2,0.3,0.5",')
KNOWING = Wishes(hides_nothing=True)


def test_frigates_masks_are_read_only_by_whoever_knows_that_they_hide_nothing(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="--these-hide-nothing-in-frigate"):
        imported(tmp_path, "frigate", FRIGATE)
    plan = plan_of(tmp_path, "frigate", FRIGATE, KNOWING, "gate")
    assert [mask.token for mask in plan.masks] == ["motion-1", "motion-2", "objects-1", "person-1"]
    assert plan.masks[0].polygon.points == ring(("1/10", "1/5"), ("3/10", "1/5"), ("3/10", "1/2"))
    assert plan.masks[1].polygon.points == ring(("0", "0"), ("1/2", "0"), ("1/2", "1/2"), ("0", "1/2"))  # pixels of detect
    assert plan.masks[2].polygon.points[1] == (Fraction("1.001"), Fraction(1, 2))
    assert plan_of(tmp_path, "frigate", FRIGATE, KNOWING, "yard").masks[0].token == "motion-1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("cameras: {a: {motion: {mask: '0,0,640,0,640,360'}}}", "--size"),
        ("cameras: {a: {motion: {mask: '0,0,1'}}}", "cameras.a.motion.mask[1]"),
        ("cameras: {a: {motion: {mask: 7}}}", "cameras.a.motion.mask"),
        ("cameras: {a: {motion: [1]}}", "cameras.a.motion"),
        ("cameras: {a: {}}", "without a mask"),
        ("a: [", "is not YAML"),
        ("- 1", "the file"),
        ("!!python/object/apply:os.system ['false']", "is not YAML"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_frigate_files_that_are_wrong_say_where(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as error:
        imported(tmp_path, "frigate", content, KNOWING)
    assert said in str(error.value)


# CVAT, labelme, COCO.

CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><original_size><width>200</width><height>100</height></original_size></task></meta>
<image id="0" name="a.png" width="200" height="100">
 <polygon label="window" points="20.0,10.0;60.0,10.0;60.0,50.0" occluded="0"><attribute name="n">1</attribute></polygon>
 <box label="door" xtl="100.00" ytl="0.00" xbr="200.00" ybr="50.00"/>
</image>
<track id="0" label="car"><box frame="0" outside="0" xtl="0" ytl="0" xbr="10" ybr="10"/>
 <box frame="1" outside="1" xtl="5" ytl="0" xbr="15" ybr="10"/></track>
</annotations>"""


def test_cvat_polygons_boxes_and_tracks(tmp_path: Path) -> None:
    found = imported(tmp_path, "cvat", CVAT)
    plan = parse_plan(found.text)
    assert [mask.token for mask in plan.masks] == ["window", "door", "car"]
    assert plan.frame == Size(200, 100)
    assert plan.masks[0].polygon.points == ring(("1/10", "1/10"), ("3/10", "1/10"), ("3/10", "1/2"))
    assert plan.masks[1].polygon.points == ring(("1/2", "0"), ("1", "0"), ("1", "1/2"), ("1/2", "1/2"))
    assert plan.masks[2].polygon.points == ring(("0", "0"), ("1/20", "0"), ("1/20", "1/10"), ("0", "1/10"))
    assert "tracks" in str(found.notices[0])
    assert [mask.token for mask in plan_of(tmp_path, "cvat", CVAT, Wishes(labels=frozenset({"door"}))).masks] == ["door"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("60.0,50.0", "60.0", "image 'a.png', polygon number 1 ('window')"),
        ('xtl="100.00"', 'xtl="nan"', "box number 2 ('door'): xtl"),
        ("<box label", "<ellipse label", "a polygon or a box"),
        ('xtl="100.00"', 'rotation="30" xtl="100.00"', "rotation"),
        ('width="200" height', 'width="0" height', "image 'a.png'"),
        ("original_size", "no_size", "no <original_size>"),
        ("annotations", "annotation", "CVAT for images 1.1"),
        ("20.0,10.0;60.0,10.0;60.0,50.0", "20,10;60,50;60,10;20,50", "may not cross"),
    ],
)
def test_cvat_files_that_are_wrong_say_where(old: str, new: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as error:
        imported(tmp_path, "cvat", CVAT.replace(old, new))
    assert said in str(error.value)


LABELME = {
    "imageWidth": 200, "imageHeight": 100, "imagePath": "a.png",
    "shapes": [
        {"label": "window", "shape_type": "polygon", "points": [[20, 10.5], [60, 10.5], [60, 50], [20, 10.5]]},
        {"label": "window", "shape_type": "rectangle", "points": [[100, 50], [50, 20]]},
    ],
}  # fmt: skip


def test_labelme_polygons_and_rectangles(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "labelme", json.dumps(LABELME))
    assert [mask.token for mask in plan.masks] == ["window-1", "window-2"]
    assert plan.masks[0].polygon.points == ring(("1/10", "21/200"), ("3/10", "21/200"), ("3/10", "1/2"))
    assert plan.masks[1].polygon.points == ring(("1/4", "1/5"), ("1/2", "1/5"), ("1/2", "1/2"), ("1/4", "1/2"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"imageWidth": "wide"}, "width"),
        ({"shapes": []}, "nothing to hide"),
        ({"shapes": [{"label": "x", "shape_type": "circle", "points": [[1, 1], [2, 2]]}]}, "shapes[1] ('x')"),
        ({"shapes": [{"label": "x", "points": [[1, 1], [2]]}]}, "point 2"),
        ({"shapes": [{"label": "x", "points": [[300, 1], [310, 2], [305, 9]]}]}, "outside the picture"),
        ({"shapes": {"a": 1}}, "shapes: found"),
    ],
)
def test_labelme_files_that_are_wrong_say_where(change: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as error:
        imported(tmp_path, "labelme", json.dumps(LABELME | change))
    assert said in str(error.value)


def coco(**annotation: object) -> str:
    image = {"id": 5, "width": 200, "height": 100, "file_name": "a.png"}
    return json.dumps(
        {
            "images": [image],
            "categories": [{"id": 3, "name": "window"}],
            "annotations": [{"id": 1, "image_id": 5, "category_id": 3, **annotation}],
        }
    )


def test_coco_polygons_run_lengths_and_boxes(tmp_path: Path) -> None:
    two = plan_of(tmp_path, "coco", coco(segmentation=[[20, 10, 60, 10, 60, 50], [0, 0, 10, 0, 10, 10]]))
    assert [mask.token for mask in two.masks] == ["window-1", "window-2"]
    assert two.masks[0].polygon.points == ring(("1/10", "1/10"), ("3/10", "1/10"), ("3/10", "1/2"))
    lengths = plan_of(tmp_path, "coco", coco(segmentation={"size": [100, 200], "counts": [100 * 10, 100 * 10, 100 * 180]}))
    assert set(lengths.masks[0].polygon.points) == set(ring(("1/20", "0"), ("1/10", "0"), ("1/10", "1"), ("1/20", "1")))
    boxed = plan_of(tmp_path, "coco", coco(bbox=[100, 0, 100, 50]))
    assert boxed.masks[0].polygon.points == ring(("1/2", "0"), ("1", "0"), ("1", "1/2"), ("1/2", "1/2"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (coco(segmentation=[[1, 2, 3]]), "annotations[1].segmentation[1]"),
        (coco(segmentation={"size": [100, 200], "counts": "PPYo0"}), "compressed"),
        (coco(), "annotations[1].bbox"),
        (coco(bbox=[1, 2, 3]), "[x, y, width, height]"),
        (coco(image_id=9, bbox=[0, 0, 1, 1]), "annotations[1].image_id"),
        (coco(bbox=[0, 0, 1, 1]).replace("[0, 0, 1, 1]", "[0, 0, NaN, 1]"), "is not JSON"),
        ("{}", "categories"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_coco_files_that_are_wrong_say_where(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as error:
        imported(tmp_path, "coco", content)
    assert said in str(error.value)


def test_a_shape_that_stands_still_in_many_pictures_is_taken_once(tmp_path: Path) -> None:
    data = json.loads(coco(bbox=[0, 0, 10, 10]))
    data["annotations"] *= 50
    found = imported(tmp_path, "coco", json.dumps(data))
    assert found.tokens == ("window",)
    assert [*map(str, found.notices)] == ["49 outlines that are there twice are taken once"]


def test_pictures_of_several_sizes_make_a_plan_in_fractions(tmp_path: Path) -> None:
    data = json.loads(coco(bbox=[20, 0, 20, 50]))
    data["images"].append({"id": 6, "width": 400, "height": 400})
    data["annotations"].append({"id": 2, "image_id": 6, "category_id": 3, "bbox": [100, 100, 100, 100]})
    plan = plan_of(tmp_path, "coco", json.dumps(data))
    assert plan.frame is None
    assert [mask.polygon.points[0] for mask in plan.masks] == [*ring(("1/10", "0"), ("1/4", "1/4"))]
    assert [mask.reason for mask in plan.masks] == ["window: annotations[1]", "window: annotations[2]"]


def test_without_pyyaml_frigates_files_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(PlanError, match=r"pip install 'privmask\[frigate\]'"):
        imported(tmp_path, "frigate", FRIGATE, KNOWING)


@pytest.mark.parametrize("x", ["-.5", "-0.5", "-5e-1", "-5.E-01", " -0.50 "])
def test_numbers_are_read_as_programs_write_them(x: str, tmp_path: Path) -> None:
    body = mask(points="-1,1 0,1 0,0.5").replace('x="0" y="0.5"', f'x="{x}" y="0.5"')
    assert plan_of(tmp_path, "onvif", masks(body)).masks[0].polygon.points[2] == (Fraction(1, 4), Fraction(1, 4))


@pytest.mark.parametrize("x", ["NaN", "INF", "1e999999999", "0x1", "1_0", "\u0661", "", "1e", "--1", "1" * 50])
def test_what_is_no_number_is_told(x: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="point 3: x"):
        imported(tmp_path, "onvif", masks(mask(points="-1,1 0,1 0,0.5").replace('x="0" y="0.5"', f'x="{x}" y="0.5"')))
