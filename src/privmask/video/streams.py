"""What a container holds, told before anything is decoded, and which of it holds the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.container
from av.stream import Disposition

from privmask.errors import UnsupportedFootageError
from privmask.language import Text

# Fields that every MP4 or Matroska file has; "Lavf" without a version is what stands where Matroska wants the muxer's name.
_STRUCTURAL = {"major_brand", "minor_version", "compatible_brands", "DURATION"}
_BUILT_IN = {("vendor_id", "[0][0][0][0]"), ("language", "und"), ("encoder", "Lavf")}
_HANDLERS = {("handler_name", f"{kind}Handler") for kind in ("Video", "Sound")}

_COVERS = int(Disposition.attached_pic) | int(Disposition.timed_thumbnails)


@dataclass(frozen=True, slots=True)
class FoundStream:
    """One thing in the container. `index` is -1 for what is no stream (chapters, tags); `what` describes it in words."""

    index: int
    kind: str
    codec: str
    what: str


def find_streams(container: av.container.InputContainer) -> tuple[FoundStream, ...]:
    """Everything that the container holds: its streams in order, then its chapters and tags."""
    streams = (FoundStream(s.index, _kind(s), codec_name(s), _describe(s)) for s in container.streams)
    return (*streams, *_beside_streams(container))


def choose_stream(container: av.container.InputContainer, wanted: int | None) -> Any:
    """The video stream to mask: the wanted one, or the only one. Raises UnsupportedFootageError, listing what there is."""
    pictures: list[Any] = [s for s in container.streams if s.type == "video" and not _is_cover(s)]
    listed = "; ".join(f"stream {s.index}: {codec_name(s)}, {_describe(s)}" for s in pictures) or "none"
    in_japanese = "、".join(f"{s.index}番は {codec_name(s)} {s.width}x{s.height}" for s in pictures) or "なし"
    if wanted is not None:
        chosen = [s for s in pictures if s.index == wanted]
        if not chosen:
            raise UnsupportedFootageError(
                Text(
                    f"{wanted}番に、隠せる映像はありません。あるもの：{in_japanese}",
                    f"stream {wanted} holds no pictures that can be masked; there are: {listed}",
                )
            )
        return chosen[0]
    if not pictures:
        raise UnsupportedFootageError(Text("このファイルに映像はありません", "the file holds no video stream"))
    if len(pictures) > 1:
        raise UnsupportedFootageError(
            Text(
                f"このファイルには映像が{len(pictures)}本あります（{in_japanese}）。--stream で1本を選んでください",
                f"the file holds {len(pictures)} video streams ({listed}); name one with --stream, the others are left out",
            )
        )
    return pictures[0]


def end_of(container: av.container.InputContainer) -> Fraction:
    """When what it holds ends by its header, in seconds of its clock; 0 where it does not say."""
    counted = container.format.name in ("mpegts", "mpeg")  # others call the end itself their duration
    begin = (container.start_time or 0) if counted else 0
    return Fraction(begin + (container.duration or 0), av.time_base)


def codec_name(stream: Any) -> str:
    """FFmpeg's name of the stream's codec, "unknown" when it has no decoder for it."""
    context = getattr(stream, "codec_context", None)
    if context is not None:
        return str(context.codec.canonical_name)
    return str(getattr(stream, "name", None) or "unknown")


def _is_cover(stream: Any) -> bool:
    return bool(int(stream.disposition) & _COVERS)


def _kind(stream: Any) -> str:
    return "cover" if stream.type == "video" and _is_cover(stream) else str(stream.type)


def _describe(stream: Any) -> str:
    if stream.type == "video" and stream.codec_context:
        return f"{stream.width}x{stream.height}" + (f", {stream.frames} frames by the header" if stream.frames else "")
    if stream.type == "audio" and stream.codec_context:
        return f"{stream.codec_context.sample_rate} Hz, {stream.codec_context.channels} channels"
    return ""


def _beside_streams(container: av.container.InputContainer) -> list[FoundStream]:
    found = []
    if chapters := container.chapters():
        found.append(FoundStream(-1, "chapters", "", f"{len(chapters)} chapters"))
    tags = sorted({*_tags(container.metadata), *(tag for s in container.streams for tag in _tags(s.metadata))})
    if tags:
        found.append(FoundStream(-1, "tags", "", ", ".join(tags)))
    return found


def _tags(metadata: dict[str, str]) -> list[str]:
    """Names of the tags that say something; the others only repeat how the container is built, in any file of its kind."""
    said = metadata.items() - _BUILT_IN - _HANDLERS
    return [name for name, _ in said if name not in _STRUCTURAL]
