"""ONVIF privacy masks, `tr2:Mask` of the Media2 service: both ways.

Coordinates: ONVIF Media 2 Service Specification 26.06, section 5.10.1, figure "Example of screen with mask and coordinate
system" (as in the Analytics Service Specification 26.06, section 5.2.2, "Normalized frame coordinate system"): the origin
is the middle of the picture, x goes from -1 at the left to 1 at the right, and y from -1 at the bottom **up** to 1 at the top.
The picture is that of the video source configuration, after its bounds and rotation (Media 2, section 5.2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from privmask.errors import PlanError
from privmask.geometry import Point
from privmask.language import Text
from privmask.masks.imports.found import Found, Wishes, Zone, closed, wrong
from privmask.masks.imports.safely import exact, plain, xml_of
from privmask.masks.plan import Mask, MaskPlan
from privmask.masks.ways import MaskType

EXPLAINED = Text(
    "ONVIF の座標は画面の中央が原点で、x は左端の -1 から右端の 1 へ、y は下端の -1 から上端の 1 へ上向きに数えます\n"
    "（ONVIF Media 2 Service Specification 26.06、5.10.1 節）。この計画では x' = (x + 1) / 2、y' = (1 - y) / 2 とし、\n"
    "映像源の設定（bounds と回転）を終えた画面の左上からの割合にしています。",
    "ONVIF counts from the middle of the picture: x from -1 (left) to 1 (right), y from -1 (bottom) up to 1 (top)\n"
    "(ONVIF Media 2 Service Specification 26.06, section 5.10.1). Here: x' = (x + 1) / 2, y' = (1 - y) / 2,\n"
    "fractions from the top left corner of the picture after the bounds and rotation of its video source configuration.",
)
_TYPES: dict[str, MaskType] = {
    "Color": "Color", "Pixelated": "Pixelated", "Pixelized": "Pixelated", "Blurred": "Blurred",
}  # fmt: skip
_RGB = "http://www.onvif.org/ver10/colorspace/RGB"
_YCBCR = ("http://www.onvif.org/ver10/colorspace/YCbCr", "")  # implied where nothing is said
_NAMESPACES = 'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'


def read(content: bytes, _: Wishes) -> Found:
    """The masks of a `GetMasksResponse`, in a SOAP envelope or not, or of `CreateMask` and `SetMask` bodies."""
    root = xml_of(content)
    notices: list[Text] = []
    masks = [each for each in root.iter() if plain(each) in ("Masks", "Mask") and _child(each, "Polygon") is not None]
    zones = tuple(_zone(mask, number, notices) for number, mask in enumerate(masks, 1))
    if not zones:
        raise wrong(f"<{plain(root)}>", "no mask", "a GetMasksResponse of ONVIF's Media2 service with tr2:Masks in it")
    return Found(zones, EXPLAINED, tuple(notices))


def write(plan: MaskPlan) -> tuple[str, tuple[Text, ...]]:
    """The plan as a `GetMasksResponse`, and what of it a camera will not do. Raises PlanError for what it would do wrongly."""
    refused = [*_refused(plan)]
    if refused:
        raise PlanError(*refused)
    lines = [f"<tr2:GetMasksResponse {_NAMESPACES}>"]
    for mask in plan.masks:
        lines.extend(_lines(mask, plan.camera))
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines, "</tr2:GetMasksResponse>\n"])
    return text, tuple(_lost(plan))


def _zone(mask: ElementTree.Element, number: int, notices: list[Text]) -> Zone:
    token = mask.get("token", "").strip()
    where = f"tr2:Masks {token!r}" if token else f"tr2:Masks number {number}"
    polygon = _child(mask, "Polygon")
    points = [each for each in polygon if plain(each) == "Point"] if polygon is not None else []
    ring = [_point(f"{where}: point {nth}", each) for nth, each in enumerate(points, 1)]
    said = _text(mask, "Type")
    if said not in _TYPES:
        notices.append(_STRANGE_TYPE.with_(where=where, said=repr(said)))
    enabled = (_text(mask, "Enabled") or "true").lower()  # what is not said hides
    if enabled not in ("true", "1", "false", "0"):
        raise wrong(f"{where}: Enabled", enabled, "true or false")
    return Zone(
        name=token or f"mask-{number}",
        ring=closed(where, ring),
        where=where,
        camera=_text(mask, "ConfigurationToken"),
        type=_TYPES.get(said, "Color"),
        color=_color(where, mask, notices),
        enabled=enabled in ("true", "1"),
    )


def _point(where: str, element: ElementTree.Element) -> Point:
    x, y = (exact(f"{where}: {name}", element.get(name), "a number from -1 to 1") for name in ("x", "y"))
    if max(abs(x), abs(y)) > 2:
        raise wrong(where, f"({float(x):g}, {float(y):g})", "numbers from -1 to 1 (these look like pixels)")
    return (x + 1) / 2, (1 - y) / 2


def _color(where: str, mask: ElementTree.Element, notices: list[Text]) -> str:
    color = _child(mask, "Color")
    if color is None:
        return "#000000"
    one, two, three = (float(exact(f"{where}: Color {name}", color.get(name))) for name in "XYZ")
    space = color.get("Colorspace", "")
    if space == _RGB:
        return _hex(one, two, three)
    if space in _YCBCR:
        cb, cr = two - 128, three - 128
        return _hex(one + 1.402 * cr, one - 0.344136 * cb - 0.714136 * cr, one + 1.772 * cb)
    notices.append(_STRANGE_COLOR.with_(where=where, space=repr(space)))
    return "#000000"


def _hex(*parts: float) -> str:
    return "#" + "".join(f"{min(255, max(0, round(part))):02x}" for part in parts)


def _refused(plan: MaskPlan) -> Iterator[str]:
    for number, mask in enumerate(plan.masks, 1):
        if mask.invert:
            yield f"mask[{number}] {mask.token!r}: is inverted, which ONVIF cannot say; draw what is to be hidden"
        if mask.polygon.holes:
            yield f"mask[{number}] {mask.token!r}: has holes, which ONVIF cannot say; make several masks of it"
    for moving in plan.dynamic:
        yield f"dynamic {moving.label!r}: a camera's masks stand still; what moves cannot be exported"
    if not plan.masks:
        yield "mask: the plan has no fixed mask to export"


def _lost(plan: MaskPlan) -> Iterator[Text]:
    for number, mask in enumerate(plan.masks, 1):
        words = {"start": mask.start, "end": mask.end, "valid": mask.valid, "hours": mask.hours}
        timed = [name for name, value in words.items() if value not in (None, ())]
        if timed:
            yield _ALWAYS_THERE.with_(where=f"mask[{number}] {mask.token!r}", timed=", ".join(timed))


def _lines(mask: Mask, camera: str) -> Iterator[str]:
    yield f"  <tr2:Masks token={quoteattr(mask.token)}>"
    yield f"    <tr2:ConfigurationToken>{escape(camera)}</tr2:ConfigurationToken>"
    yield "    <tr2:Polygon>"
    for x, y in mask.polygon.points:
        yield f'      <tt:Point x="{_decimal(2 * x - 1)}" y="{_decimal(1 - 2 * y)}"/>'
    yield "    </tr2:Polygon>"
    yield f"    <tr2:Type>{mask.type}</tr2:Type>"
    red, green, blue = (int(mask.color[place : place + 2], 16) for place in (1, 3, 5))
    yield f'    <tr2:Color X="{red}" Y="{green}" Z="{blue}" Colorspace="{_RGB}"/>'
    yield f"    <tr2:Enabled>{str(mask.enabled).lower()}</tr2:Enabled>"
    yield "  </tr2:Masks>"


def _decimal(value: Fraction) -> str:
    text = f"{float(value):.12f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((each for each in element if plain(each) == name), None)


def _text(element: ElementTree.Element, name: str) -> str:
    found = _child(element, name)
    return (found.text or "").strip() if found is not None else ""


_STRANGE_TYPE = Text(
    "{where}：Type {said} はわからないため、塗りつぶします", "{where}: Type {said} is not known; hidden as Color"
)
_STRANGE_COLOR = Text(
    "{where}：{space} の色は読めないため、黒で隠します", "{where}: colours of {space} are not read; hidden in black"
)


_ALWAYS_THERE = Text(
    "{where}：{timed} は ONVIF では表せません。ONVIF では常に隠します",
    "{where}: {timed} cannot be said in ONVIF; there it holds at all times",
)
