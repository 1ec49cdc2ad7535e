"""`privmask probe`: what is in a clip, and whether privmask can hide in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from privmask.cli import options
from privmask.cli.helping import in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer, columns_of, say
from privmask.errors import FootageError
from privmask.language import Text


@in_japanese("映像の中身（画面、時刻、色など）を調べます。隠せない映像なら、理由を示して6で終わります。")
def probe(clip: options.Clip, stream: options.Stream = None, as_json: options.Json = False) -> int:
    """Say what is in CLIP: streams, pictures, times, colours. Ends with 6 and the reason where it cannot be masked."""
    from privmask.probing import probe_clip
    from privmask.video import Reading

    data = probe_clip(clip, Reading(stream=stream), str if as_json else said)
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
        name = f"{indent}{said(_NAMES[key]) if key in _NAMES else key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield name
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
            yield name
            yield from (f"{indent}  {_row(row)}" for row in value)
        else:
            yield f"{name}{' ' * max(1, 27 - columns_of(name))}{_words(value)}"


def _row(row: object) -> str:
    """One thing of a list; what is no stream has no number."""
    fields = row if isinstance(row, Mapping) else {"": row}
    return "  ".join(_of_stream(str(value)) for value in fields.values() if value not in ("", -1, None))


def _of_stream(word: str) -> str:
    """What a stream is, which statements say in English."""
    for pattern, words in _STREAM_WORDS:
        word = re.sub(pattern, said(words), word)
    return word


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "-"
    word = _VALUES.get(str(value))
    return said(word) if word else str(value)


_VALUES = {
    "None": Text("-", "-"),
    "True": Text("はい", "yes"),
    "False": Text("いいえ", "no"),
    "in the footage": Text("映像にあるもの", "in the footage"),
    "counted": Text("数えたもの", "counted"),
}
_STREAM_WORDS = (
    (r"^video$", Text("映像", "video")),
    (r"^audio$", Text("音声", "audio")),
    (r"^subtitle$", Text("字幕", "subtitle")),
    (r"^cover$", Text("表紙の画像", "cover")),
    (r"^chapters$", Text("章", "chapters")),
    (r"^tags$", Text("タグ", "tags")),
    (r"(\d+) frames by the header", Text(r"見出しでは \1 コマ", r"\1 frames by the header")),
    (r"(\d+) channels", Text(r"\1 チャンネル", r"\1 channels")),
    (r"(\d+) chapters", Text(r"\1 章", r"\1 chapters")),
)
_NAMES = {
    "file": Text("ファイル", "file"),
    "name": Text("名前", "name"),
    "bytes": Text("バイト数", "bytes"),
    "container": Text("容器の形式", "container"),
    "streams": Text("中身", "streams"),
    "video": Text("映像", "video"),
    "stream": Text("番号", "stream"),
    "codec": Text("符号化方式", "codec"),
    "profile": Text("プロファイル", "profile"),
    "size": Text("大きさ", "size"),
    "displayed": Text("表示の大きさ", "displayed"),
    "rotation": Text("表示の回転（度）", "rotation"),
    "sample_aspect": Text("画素の縦横比", "sample aspect"),
    "format": Text("画素形式", "format"),
    "range": Text("値の範囲", "range"),
    "matrix": Text("色の行列", "matrix"),
    "color": Text("色のタグ", "color"),
    "primaries": Text("原色", "primaries"),
    "transfer": Text("階調", "transfer"),
    "field_order": Text("走査", "field order"),
    "time_base": Text("時刻の単位（秒）", "time base"),
    "time_stamps": Text("コマの時刻", "time stamps"),
    "rate_from_header": Text("毎秒のコマ数（見出し）", "rate from header"),
    "frames_from_header": Text("コマ数（見出し）", "frames from header"),
    "duration_from_header": Text("長さ（秒、見出し）", "duration from header"),
    "still": Text("静止画", "still"),
    "copy": Text("複写", "copy"),
    "notices": Text("注意", "notices"),
}
