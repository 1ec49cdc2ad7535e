"""`privmask probe`: what is in a clip, and whether privmask can hide in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from privmask.cli import options
from privmask.cli.words import answer


def probe(clip: options.Clip, as_json: options.Json = False) -> int:
    """Say what is in CLIP: streams, picture, times, colours, and what would be refused and why."""
    from privmask.probing import probe_clip

    data = probe_clip(clip)
    answer(data, "\n".join(_lines(data)), as_json=as_json)
    return 0


def _lines(data: Mapping[str, object], indent: str = "") -> Iterator[str]:
    """Nested data as indented lines, for a person."""
    for key, value in data.items():
        name = f"{indent}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield name
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list | tuple):
            yield from _list_lines(name, list(value), indent)
        else:
            yield f"{name:<24} {'-' if value is None else value}"


def _list_lines(name: str, values: list[object], indent: str) -> Iterator[str]:
    if not any(isinstance(value, Mapping) for value in values):
        yield f"{name:<24} {', '.join(map(str, values)) or '-'}"
        return
    for number, value in enumerate(values):
        yield f"{name} {number}"
        yield from _lines(value if isinstance(value, Mapping) else {"": value}, indent + "  ")
