"""Where things stand in a TOML text."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from privmask.policy.lines import Lines
from privmask.policy.starting import TEMPLATES, template_text
from tests.policy.sites import GOOD

TEXT = '''\
a = 1
[site] # comment
"id" = "x"
text = """
fake = 1
[not.a.table]
"""
list = [
    "[[camera]]",   # ]
    "b = 2",
]
[[camera]]
id = "one"
[[camera.zone]]
token = "z"
[camera.reference]
picture = "p"
[[camera]]
id = "two"
[[camera.zone]]
token = "y"
[[camera.zone]]
token = 'w # no comment'
size = { width = 1, height = 2 }
last.dotted = 3
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("a",), 1),
        (("site",), 2),
        (("site", "id"), 3),
        (("site", "text"), 4),
        (("site", "missing"), 2),
        (("site", "list", 1), 8),
        (("camera",), 12),
        (("camera", 0, "id"), 13),
        (("camera", 0, "zone", 0, "token"), 15),
        (("camera", 0, "reference", "picture"), 17),
        (("camera", 1, "id"), 19),
        (("camera", 1, "zone", 0), 20),
        (("camera", 1, "zone", 1, "token"), 23),
        (("camera", 1, "zone", 1, "size", "height"), 24),
        (("camera", 1, "zone", 1, "last", "dotted"), 25),
        (("fake",), None),
        (("not", "a", "table"), None),
        (("b",), None),
        ((), None),
    ],
)
def test_the_line_of_a_place(place: tuple[str | int, ...], line: int | None) -> None:
    tomllib.loads(TEXT)
    assert Lines(TEXT).of(place) == line


@pytest.mark.parametrize("text", [GOOD, *map(template_text, TEMPLATES)])
def test_every_key_of_real_rules_has_its_own_line(text: str) -> None:
    lines = Lines(text)
    for place, key in _keys(tomllib.loads(text), ()):
        line = lines.of(place)
        assert line is not None
        assert key in text.split("\n")[line - 1]


def _keys(data: Any, place: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, dict):
        found = [((*place, key), key) for key, value in data.items() if not isinstance(value, dict | list)]
        return found + [each for key, value in data.items() for each in _keys(value, (*place, key))]
    if isinstance(data, list):
        return [each for number, value in enumerate(data) for each in _keys(value, (*place, number))]
    return []
