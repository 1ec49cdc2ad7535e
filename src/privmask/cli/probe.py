"""`privmask probe`: what is in a clip, and whether privmask can hide in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from privmask.cli import options
from privmask.cli.helping import in_japanese
from privmask.cli.words import answer, say
from privmask.errors import FootageError


@in_japanese("映像の中身（画面、時刻、色など）を調べます。隠せない映像なら、理由を示して6で終わります。")
def probe(clip: options.Clip, stream: options.Stream = None, as_json: options.Json = False) -> int:
    """Say what is in CLIP: streams, pictures, times, colours. Ends with 6 and the reason where it cannot be masked."""
    from privmask.probing import probe_clip
    from privmask.video import Reading

    data = probe_clip(clip, Reading(stream=stream))
    refused = data.pop("refused")
    if refused is None:
        answer(data, "\n".join(_lines(data)), as_json=as_json)
        return 0
    if as_json or data["container"]:
        error = {"error": {"kind": "Footage", "message": refused}, "exit_code": FootageError.exit_code}
        answer({**data, **error}, "\n".join(_lines(data)), as_json=as_json)
    if not as_json:
        say(f"privmask: {refused}")
    return FootageError.exit_code


def _lines(data: Mapping[str, object], indent: str = "") -> Iterator[str]:
    """Nested data as indented lines, for a person."""
    for key, value in data.items():
        name = f"{indent}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield name
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
            yield name
            yield from (f"{indent}  {_row(row)}" for row in value)
        else:
            yield f"{name:<26} {_words(value)}"


def _row(row: object) -> str:
    """One thing of a list; what is no stream has no number."""
    fields = row if isinstance(row, Mapping) else {"": row}
    return "  ".join(str(value) for value in fields.values() if value not in ("", -1, None))


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "-"
    return {"None": "-", "True": "yes", "False": "no"}.get(str(value), str(value))
