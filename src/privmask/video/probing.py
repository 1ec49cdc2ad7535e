"""Looking at footage without masking it: what it is, what would be done with it, and why it would be refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from privmask.errors import FootageError
from privmask.language import Text
from privmask.video.encoders import plan_encoder
from privmask.video.opening import open_container
from privmask.video.original import AS_FOUND, Reading, Source, open_video
from privmask.video.settings import Writing
from privmask.video.sharing import SharedFile
from privmask.video.streams import FoundStream, find_streams

Said: TypeAlias = Callable[[Text], str]


def inspect(file: io.RawIOBase, reading: Reading = AS_FOUND, said: Said = str) -> dict[str, Any]:
    """What `file` holds, as plain JSON-able data; fractions are strings such as "30000/1001".

    Only the first picture is decoded, so damage further on is not seen. "refused" says why the footage cannot be masked, None
    when it can; then "video" tells of the pictures and "copy" how a copy would be written. `said` chooses the language of
    sentences. Raises nothing of FootageError.
    """
    found: dict[str, Any] = {"container": None, "streams": [], "video": None, "copy": None, "refused": None}
    try:
        shared = SharedFile(file)
        container = open_container(shared)
        try:
            found["container"] = container.format.name
            found["streams"] = [_stream(stream) for stream in find_streams(container)]
        finally:
            container.close()
        with open_video(file, reading) as source:
            found["video"] = _video(source)
            found["copy"] = _copy(source, said)
    except FootageError as refusal:
        found["refused"] = said(refusal.text) if refusal.text else str(refusal)
    return found


def _stream(stream: FoundStream) -> dict[str, Any]:
    return {"index": stream.index, "kind": stream.kind, "codec": stream.codec, "what": stream.what}


def _video(source: Source) -> dict[str, Any]:
    info, picture, color = source.info, source.info.picture, source.info.color
    return {
        "stream": info.stream,
        "codec": info.codec,
        "profile": info.codec_profile,
        "size": [picture.size.width, picture.size.height],
        "displayed": [picture.displayed.width, picture.displayed.height],
        "rotation": picture.rotation,
        "sample_aspect": str(picture.sample_aspect),
        "format": info.found_format,
        "range": picture.range,
        "matrix": picture.matrix,
        "color": {
            "range": color.range,
            "primaries": color.primaries,
            "transfer": color.transfer,
            "matrix": color.matrix,
        },
        "hdr": info.hdr.mastering is not None or info.hdr.light is not None,
        "field_order": info.field_order,
        "time_base": str(info.time_base),
        "time_stamps": "counted" if info.pts_made else "in the footage",
        "rate_from_header": _text(info.average_rate),
        "frames_from_header": info.frames_from_header,
        "duration_from_header": _text(info.duration_from_header),
        "still": info.is_still,
    }


def _copy(source: Source, said: Said) -> dict[str, Any]:
    if source.info.is_still:
        return {"codec": "mjpeg" if source.info.codec == "mjpeg" else "png", "notices": []}
    plan = plan_encoder(source.info, Writing(), source.info.average_rate or Fraction(25))
    return {"codec": plan.codec, "notices": [said(notice) for notice in (*source.notices, *plan.notices)]}


def _text(number: Fraction | None) -> str | None:
    return None if number is None else str(number)
