"""Frigate's masks, from its config.yml: "x,y,x,y,…", in fractions of the picture (older files: in pixels of `detect`).

They hide nothing in Frigate: `motion` masks keep motion from being noticed, `objects` masks keep objects from being taken for
such. The recordings show all of it. Whoever imports them has to say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from privmask.errors import PlanError
from privmask.geometry import Size
from privmask.language import Text
from privmask.masks.imports.found import Found, Wishes, Zone, closed, of_pixels, wrong
from privmask.masks.imports.safely import exact, require_once, size_of, table, text_of

MOST_BYTES = 1024 * 1024
MOST_MERGED = 10_000
EXPLAINED = Text(
    "Frigate の座標は左上が原点で、画面に対する割合です。古いファイルでは detect の width と height の画素です。\n"
    "Frigate ではこれらのマスクは何も隠さず、録画には写っています。",
    "Frigate counts from the top left corner, in fractions of the picture; in older files in pixels of the picture that it\n"
    "searches (detect: width, height). In Frigate these masks hide nothing: its recordings show what is behind them.",
)
_HIDE_NOTHING = Text(
    "Frigate のマスクは検出のためのもので、何も隠しません。録画にはその奥が写っています。それでも輪郭を使うときは "
    "--these-hide-nothing-in-frigate を付けてください",
    "Frigate's masks steer its detection and hide nothing: its recordings show what is behind them. To use their outlines as "
    "privacy masks say --these-hide-nothing-in-frigate",
)
_PIXELS = Text(
    "{where}：頂点は画素で、カメラの detect に width と height がありません。--size で示してください",
    "{where}: its corners are pixels, and the camera's detect: width and height are missing; say --size",
)
_NO_YAML = Text(
    "Frigate のファイルは YAML で、PyYAML が必要です：pip install 'privmask[frigate]'",
    "Frigate's files are YAML, for which PyYAML is needed: pip install 'privmask[frigate]'",
)
_FRACTIONS_END = 2  # corners a little off the picture occur; a zone in the first two pixels does not


def read(content: bytes, wishes: Wishes) -> Found:
    """The motion and object masks of all cameras."""
    if not wishes.hides_nothing:
        raise PlanError(_HIDE_NOTHING)
    cameras = table("cameras", table("the file", _yaml(content)).get("cameras"))
    zones = [zone for name, camera in cameras.items() for zone in _camera(str(name), camera, wishes.size)]
    if not zones:
        raise wrong(
            "cameras", f"{len(cameras)} cameras without a mask", "motion: mask: or objects: mask: of at least one"
        )
    return Found(tuple(zones), EXPLAINED)


def _camera(name: str, data: Any, size: Size | None) -> Iterator[Zone]:
    where = f"cameras.{name}"
    camera = table(where, data)
    detect = camera.get("detect") or {}
    if isinstance(detect, Mapping) and "width" in detect and "height" in detect:
        size = size_of(f"{where}.detect", detect["width"], detect["height"])
    for kind, key, value in _masks(where, camera):
        for number, text in enumerate(_texts(f"{where}.{key}.mask", value), 1):
            place = f"{where}.{key}.mask[{number}]"
            yield _zone(f"{kind}-{number}", place, text, name, size)


def _masks(where: str, camera: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for kind, key in (("motion", "motion"), ("objects", "objects")):
        section = table(f"{where}.{key}", camera.get(key) or {})
        if section.get("mask"):
            yield kind, key, section["mask"]
    filters = table(f"{where}.objects.filters", (camera.get("objects") or {}).get("filters") or {})
    for label, filter in filters.items():
        section = table(f"{where}.objects.filters.{label}", filter or {})
        if section.get("mask"):
            yield str(label), f"objects.filters.{label}", section["mask"]


def _texts(where: str, value: Any) -> list[str]:
    """One mask, a list of them, or (in newer files) a table of named ones with `coordinates`."""
    if isinstance(value, Mapping):
        value = [table(f"{where}.{name}", each).get("coordinates") for name, each in value.items()]
    found = value if isinstance(value, list) else [value]
    for each in found:
        if not isinstance(each, str):
            raise wrong(where, each, "corners as text: 'x,y,x,y,x,y'")
    return found


def _zone(name: str, where: str, text: str, camera: str, size: Size | None) -> Zone:
    numbers = [exact(where, each) for each in text.split(",")]
    if len(numbers) % 2:
        raise wrong(where, f"{len(numbers)} numbers", "pairs x,y,x,y,x,y")
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    if max(numbers) <= _FRACTIONS_END:
        return Zone(name, closed(where, points), where, camera)
    if size is None:
        raise PlanError(_PIXELS.with_(where=where))
    return Zone(name, closed(where, of_pixels(points, size)), where, camera, size)


def _yaml(content: bytes) -> Any:
    if len(content) > MOST_BYTES:
        raise PlanError(f"is larger than {MOST_BYTES // 1024} KiB")
    try:
        import yaml
    except ImportError as cause:
        raise PlanError(_NO_YAML) from cause

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML carries no types
        """PyYAML's safe loader; merging tables into tables (<<) could make 10^n of n lines, and of two values one gets lost."""

        def compose_mapping_node(self, anchor: Any) -> Any:
            node = super().compose_mapping_node(anchor)
            names = (str(key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            require_once(name for name in names if name != "<<")
            return node

        def flatten_mapping(self, node: Any) -> None:
            super().flatten_mapping(node)
            if len(node.value) > MOST_MERGED:
                raise yaml.YAMLError(f"merges more than {MOST_MERGED} values into one table")

    try:
        return yaml.load(text_of(content), Loader)  # a safe one
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as cause:
        raise PlanError(f"is not YAML: {cause}") from cause
