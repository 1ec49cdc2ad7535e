"""Files made to cost more than they should, or to lead elsewhere."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from privmask.errors import CopyExistsError, PlanError
from privmask.masks import parse_plan
from privmask.masks.imports import SOURCES, Wishes, import_zones, save_new
from tests.masks.imports.test_sources import imported, mask, masks

LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
BILLION = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><annotations>&l9;</annotations>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotations>&x;</annotations>'


@pytest.mark.parametrize("source", ["onvif", "cvat"])
@pytest.mark.parametrize("text", [BILLION, OUTSIDE, "<!DOCTYPE a><a/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_a_document_type_is_refused_in_every_encoding(
    source: str, text: str, encoding: str, tmp_path: Path
) -> None:
    text = text.replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>')
    with pytest.raises(PlanError, match="document type"):
        imported(tmp_path, source, text.encode(encoding))


@pytest.mark.parametrize(
    "text",
    ["<a>" * 100_000, "<a>" + "<b/>" * 600_000 + "</a>", "<a", "", "\0", "<?xml version='1.0' encoding='x'?><a/>"],
    ids=["deep", "long", "cut", "empty", "zero", "strange"],
)
def test_xml_that_is_too_deep_too_long_or_none_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError):
        imported(tmp_path, "cvat", text)


YAML_LAUGHS = "l0: &l0 {k0: v}\n" + "".join(
    f"l{n + 1}: &l{n + 1}\n  <<: [{', '.join([f'*l{n}'] * 30)}]\n  k{n + 1}: v\n" for n in range(12)
)


NESTED = "a: &a [x]\n" + "".join(
    f"{b}: &{b} [{f'*{a},' * 9}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


@pytest.mark.parametrize("text", [YAML_LAUGHS, NESTED], ids=["merged", "nested"])
def test_yaml_that_multiplies_itself_is_refused_at_once(text: str, tmp_path: Path) -> None:
    started = time.process_time()
    more = "cameras: {a: {motion: {mask: *l}}}\n" if "*k" in text else "cameras: {}\n"
    with pytest.raises(PlanError):
        imported(tmp_path, "frigate", text + more, Wishes(hides_nothing=True))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"null", b"{}", b"[]", b"0", b"<a/>", b"P5", bytes(range(256)) * 9]
)
def test_what_holds_no_zone_is_an_error_and_never_an_empty_plan(source: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as error:
        imported(tmp_path, source, content, Wishes(hides_nothing=True))
    assert str(error.value).startswith(str(tmp_path / "zones"))


def test_folders_fifos_and_missing_files_are_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", ".", "missing"):
        with pytest.raises(PlanError):
            import_zones("onvif", tmp_path / name, Wishes())


def test_names_that_would_fool_a_terminal_or_break_the_plan_are_written_plainly(tmp_path: Path) -> None:
    name = "&#34;]&#10;[[mask]]&#10; \u202e 窓 " + "x" * 500
    found = imported(tmp_path, "onvif", masks(mask(name, camera="a\u202eb &#34;")))
    (kept,) = parse_plan(found.text).masks
    assert "窓" in kept.token
    assert kept.token.isprintable()
    assert len(kept.token) <= 200


def test_more_zones_than_a_plan_holds_are_refused(tmp_path: Path) -> None:
    many = [mask(f"M{n}", f"0,0 0.5,0 0.5,{(n + 1) / 2000}") for n in range(1001)]
    with pytest.raises(PlanError, match="1001 zones"):
        imported(tmp_path, "onvif", masks(*many))


def test_a_plan_is_never_written_over_a_file(tmp_path: Path) -> None:
    save_new("x", tmp_path / "plan")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("plan", "link"):
        with pytest.raises(CopyExistsError):
            save_new("y", tmp_path / name)
    assert (tmp_path / "plan").read_text() == "x"


FRIGATE = "cameras:\n  gate:\n    motion:\n      mask: 0,0,0.5,0,0.5,0.5\n"
ROW = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5]}
PICTURE = {"id": 1, "width": 64, "height": 48}
LARGE = {"id": 1, "width": 60_000, "height": 60_000}
RUNS = {"size": [60_000, 60_000], "counts": [60_000 * 60_000]}


def coco(row: dict[str, Any], picture: dict[str, Any], kind: object = 1) -> str:
    return json.dumps({"annotations": [row], "images": [picture], "categories": [{"id": kind, "name": "window"}]})


@pytest.mark.parametrize(
    ("source", "text", "words"),
    [
        ("labelme", '{"shapes": [1], "shapes": []}', "'shapes' is there twice"),
        ("frigate", FRIGATE + FRIGATE.replace("gate", "yard"), "'cameras' is there twice"),
        ("coco", coco({**ROW, "image_id": [1]}, PICTURE), r"image_id: found \[1\]"),
        ("coco", coco({**ROW, "category_id": {}}, PICTURE), "category_id: found"),
        ("coco", coco(ROW, {**PICTURE, "id": {}}), "id: found"),
        ("coco", coco(ROW, PICTURE, [1]), "id: found"),
        ("coco", coco({**ROW, "segmentation": RUNS}, LARGE), "at most 36000000 pixels"),
        ("zoneminder", "x" * 200_000, "is not CSV"),
    ],
)
def test_what_would_lose_a_zone_break_the_reader_or_fill_the_memory_is_refused(
    source: str, text: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(PlanError, match=words):
        imported(tmp_path, source, text, Wishes(hides_nothing=True))


def test_yaml_may_merge_tables_and_say_again_what_they_say(tmp_path: Path) -> None:
    """A table of its own goes before what is merged into it: so YAML means it, and nothing gets lost."""
    text = FRIGATE.replace("cameras:", "all: &all {mask: 'x'}\ncameras:").replace("motion:", "motion:\n      <<: *all")
    assert len(imported(tmp_path, "frigate", text, Wishes(hides_nothing=True)).tokens) == 1
