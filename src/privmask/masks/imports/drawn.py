"""Outlines that people drew on pictures: CVAT (XML 1.1, of images and of videos), labelme (JSON) and COCO (JSON).

All three count samples from the top left corner, with fractions: x from 0 at the left edge to the width at the right, y down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

from privmask.errors import PlanError
from privmask.geometry import Point, Ring, Size
from privmask.language import Text
from privmask.masks.imports.bitmap import outlines, unpacked
from privmask.masks.imports.found import Found, Wishes, Zone, box, closed, of_pixels, wrong
from privmask.masks.imports.safely import exact, json_of, plain, rows, size_of, table, xml_of

EXPLAINED = Text(
    "{program} の座標は左上からの画素で、x は右へ、y は下へ、0 から画面の幅と高さまで数えます。この計画も同じです。\n"
    "1 枚又はある時に描かれた図形は、映像の全体で隠します。",
    "{program} counts pixels from the top left corner, x to the right and y down, from 0 to the picture's width and height;\n"
    "so does this plan. A shape that was drawn on one picture or moment is hidden on all of the clip.",
)
_TRACKS = Text(
    "映像の中で動く図形が {count} 個あります。通った所をすべて、いつでも隠します",
    "{count} tracks move in the video; every place of theirs is hidden at all times",
)


def read_cvat(content: bytes, wishes: Wishes) -> Found:
    """Polygons and boxes of images and of video tracks; a track's shapes are all hidden, each at all times."""
    root = xml_of(content)
    if plain(root) != "annotations":
        raise wrong(
            f"<{plain(root)}>", "another document", "<annotations>, as 'CVAT for images 1.1' or 'for video 1.1' has it"
        )
    zones: list[Zone] = []
    tracks = 0
    for image in root.iter("image"):
        where = f"image {image.get('name', image.get('id', ''))!r}"
        size = size_of(where, image.get("width"), image.get("height"))
        zones.extend(_cvat_shapes(where, image, size, lambda shape: shape.get("label", ""), wishes))
    for track in root.iter("track"):
        where, tracks = f"track {track.get('id', '')!r}", tracks + 1
        label = track.get("label", "")
        zones.extend(_cvat_shapes(where, track, _video_size(root), lambda _, label=label: label, wishes))
    told = (_TRACKS.with_(count=tracks),) if tracks else ()
    return _drawn("CVAT", zones, wishes, told)


def read_labelme(content: bytes, wishes: Wishes) -> Found:
    """The polygons and rectangles of one picture."""
    data = table("the file", json_of(content))
    if "shapes" not in data:
        raise wrong("the file", list(data)[:5], "'shapes', 'imageWidth' and 'imageHeight', as labelme writes them")
    size = size_of("imageWidth, imageHeight", data.get("imageWidth"), data.get("imageHeight"))
    zones = []
    for number, each in enumerate(rows("shapes", data["shapes"]), 1):
        shape = table(f"shapes[{number}]", each)
        label = str(shape.get("label") or "")
        if not wishes.labels or label in wishes.labels:
            where = f"shapes[{number}] ({label!r})"
            zones.append(Zone(label or "shape", _labelme_ring(where, shape, size), where, size=size))
    return _drawn("labelme", zones, wishes)


def read_coco(content: bytes, wishes: Wishes) -> Found:
    """The segmentations of all annotations; where there is none, the bounding box."""
    data = table("the file", json_of(content))
    names = {_key(each, "id"): str(each.get("name", "")) for each in _tables(data, "categories")}
    images = {_key(each, "id"): each for each in _tables(data, "images")}
    zones: list[Zone] = []
    for number, each in enumerate(_tables(data, "annotations"), 1):
        name, where = names.get(_key(each, "category_id"), ""), f"annotations[{number}]"
        if wishes.labels and name not in wishes.labels:
            continue
        image = images.get(_key(each, "image_id"))
        if image is None:
            raise wrong(f"{where}.image_id", each.get("image_id"), "the id of one of the images")
        size = size_of(f"the image of {where}", image.get("width"), image.get("height"))
        shapes = _coco(where, each, size)
        zones.extend(Zone(name or "annotation", ring, where, size=size, holes=holes) for ring, holes in shapes)
    return _drawn("COCO", zones, wishes)


def _drawn(program: str, zones: list[Zone], wishes: Wishes, told: tuple[Text, ...] = ()) -> Found:
    if not zones:
        labels = f" with the labels {', '.join(sorted(wishes.labels))}" if wishes.labels else ""
        raise PlanError(f"holds no polygon or box{labels}, so there is nothing to hide")
    return Found(tuple(zones), EXPLAINED.with_(program=program), told)


def _cvat_shapes(where: str, parent: ElementTree.Element, size: Size, label_of: Any, wishes: Wishes) -> Iterator[Zone]:
    for number, shape in enumerate(parent, 1):
        kind, label = plain(shape), str(label_of(shape))
        if (
            kind in ("tag", "attribute")
            or shape.get("outside") == "1"
            or (wishes.labels and label not in wishes.labels)
        ):
            continue
        place = f"{where}, {kind} number {number} ({label!r})"
        if kind == "polygon":
            points = [_pair(place, each) for each in shape.get("points", "").split(";")]
            ring = closed(place, of_pixels(points, size))
        elif kind == "box":
            sides = [exact(f"{place}: {side}", shape.get(side)) for side in ("xtl", "ytl", "xbr", "ybr")]
            if exact(f"{place}: rotation", shape.get("rotation", "0")):
                raise wrong(f"{place}: rotation", shape.get("rotation"), "0; draw turned boxes as polygons")
            ring = tuple(of_pixels(box(*sides), size))
        else:
            raise wrong(place, kind, "a polygon or a box; draw it as one of these, or choose others with --label")
        yield Zone(label or "shape", ring, place, size=size)


def _video_size(root: ElementTree.Element) -> Size:
    """The size of the video's pictures, from <meta>: its job's or task's <original_size>."""
    found = next(root.iter("original_size"), None)
    if found is None:
        raise wrong("<meta>", "no <original_size>", "the size of the video's pictures")
    return size_of("<original_size>", found.findtext("width"), found.findtext("height"))


def _pair(where: str, text: str) -> Point:
    parts = text.split(",")
    if len(parts) != 2:
        raise wrong(where, text, "points written as x,y;x,y;x,y")
    return exact(where, parts[0]), exact(where, parts[1])


def _labelme_ring(where: str, shape: Mapping[str, Any], size: Size) -> Ring:
    given = enumerate(rows(f"{where}.points", shape.get("points")), 1)
    points = [_numbers(f"{where}: point {nth}", each) for nth, each in given]
    kind = shape.get("shape_type") or "polygon"
    if kind == "rectangle" and len(points) == 2:
        (left, right), (top, bottom) = (sorted(values) for values in zip(*points, strict=True))
        points = list(box(left, top, right, bottom))
    elif kind not in ("polygon", "rectangle"):
        raise wrong(where, kind, "a polygon or a rectangle; draw it as one of these, or choose others with --label")
    return closed(where, of_pixels(points, size))


def _key(row: Mapping[str, Any], name: str) -> int | str | None:
    key = row.get(name)
    if not isinstance(key, int | str | None):
        raise wrong(name, key, "a number or a name")
    return key


def _coco(where: str, annotation: Mapping[str, Any], size: Size) -> Iterable[tuple[Ring, tuple[Ring, ...]]]:
    """The rings of one annotation, each with its holes."""
    shape = annotation.get("segmentation")
    if isinstance(shape, Mapping):
        return outlines(unpacked(f"{where}.segmentation", shape, size))
    if shape:
        lists = enumerate(rows(f"{where}.segmentation", shape), 1)
        return [(_flat(f"{where}.segmentation[{nth}]", each, size), ()) for nth, each in lists]
    sides = [exact(f"{where}.bbox", side) for side in rows(f"{where}.bbox", annotation.get("bbox"))]
    if len(sides) != 4:
        raise wrong(f"{where}.bbox", sides, "[x, y, width, height]")
    left, top, width, height = sides
    return [(tuple(of_pixels(box(left, top, left + width, top + height), size)), ())]


def _flat(where: str, numbers: Any, size: Size) -> Ring:
    values = [exact(where, value) for value in rows(where, numbers)]
    if len(values) % 2:
        raise wrong(where, f"{len(values)} numbers", "pairs x, y, x, y")
    return closed(where, of_pixels(zip(values[::2], values[1::2], strict=True), size))


def _numbers(where: str, pair: Any) -> tuple[Fraction, Fraction]:
    values = rows(where, pair)
    if len(values) != 2:
        raise wrong(where, pair, "a pair [x, y]")
    return exact(where, values[0]), exact(where, values[1])


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [table(f"{key}[{number}]", each) for number, each in enumerate(rows(key, data.get(key)), 1)]
