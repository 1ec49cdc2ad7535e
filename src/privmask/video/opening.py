"""Opening foreign footage: one open file, allow-lists for everything, limits on everything.

A clip may be hostile. FFmpeg left to itself follows play lists into other files and onto the network, decodes a text file
as a picture and takes gigabytes for a picture of 16,000 x 16,000. And it ignores misspelt options in silence, so the lists
are proved to bite once in each process (`prove_lists_bite`).
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
import av.container
import av.error

from privmask.errors import DamagedFootageError, FootageError, UnsupportedFootageError
from privmask.language import Text
from privmask.video.sharing import NamelessReader, SharedFile

MAX_PIXELS = 36_000_000
MAX_STREAMS = 64

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,m4v,obu,ivf,yuv4mpegpipe,"
    "jpeg_pipe,png_pipe,mjpeg,flv"
)
VIDEO_CODECS = (
    "h264,hevc,mpeg4,mpeg1video,mpeg2video,mjpeg,vp8,vp9,libdav1d,png,ffv1,rawvideo,msmpeg4,msmpeg4v2,h263,cinepak"
)
_OTHER_CODECS = (
    "aac,aac_latm,mp2,mp2float,mp3,mp3float,ac3,eac3,opus,libopus,vorbis,flac,alac,amrnb,g726,g726le,"
    "adpcm_ima_wav,adpcm_ms,pcm_alaw,pcm_mulaw,pcm_s16le,pcm_s16be,pcm_u8"
)
STRICT = {
    "err_detect": "crccheck+bitstream+buffer+explode",
    "max_pixels": str(MAX_PIXELS),
    "codec_whitelist": f"{VIDEO_CODECS},{_OTHER_CODECS}",
}
"""Options of every decoder. Given to `av.open` alone they would protect the probing only."""

_STILL_FORMATS = {"jpeg_pipe", "png_pipe"}


def _container_options(ignore_edits: bool) -> dict[str, str]:
    options = {
        "format_whitelist": FORMATS,
        "protocol_whitelist": "none",
        "codec_whitelist": STRICT["codec_whitelist"],
        "max_streams": str(MAX_STREAMS),
        "max_pixels": str(MAX_PIXELS),
    }
    return {**options, "ignore_editlist": "1"} if ignore_edits else options


def open_nothing_else(_url: str, _flags: int, _options: dict[str, str]) -> Any:
    """What FFmpeg is given to open more files with."""
    raise PermissionError("footage may not open another file")


def open_container(file: SharedFile, *, ignore_edits: bool = False) -> av.container.InputContainer:
    """`file` as a container with known streams; nothing is decoded but a few probed frames.

    Raises DamagedFootageError when it is no footage or broken, UnsupportedFootageError when it is not in the allow-lists.
    """
    prove_lists_bite()
    with translated(Text("ファイルを開くとき", "opening the file")):
        return av.open(
            NamelessReader(file),
            "r",
            buffer_size=1 << 20,
            metadata_errors="replace",
            io_open=open_nothing_else,
            options=_container_options(ignore_edits),
        )


def require_allowed(decoder: str) -> None:
    """Raise UnsupportedFootageError if FFmpeg's `decoder` is not in the allow-list, in words; FFmpeg only says EINVAL."""
    if decoder not in STRICT["codec_whitelist"].split(","):
        raise UnsupportedFootageError(_NOT_TRUSTED.with_(decoder=decoder))


def too_large(width: int, height: int) -> Text:
    """Why pictures of this size are refused."""
    return _TOO_LARGE.with_(width=width, height=height, most=f"{MAX_PIXELS:,}")


def is_still(container: av.container.InputContainer) -> bool:
    """Whether this is a still picture, and not a clip."""
    return container.format.name in _STILL_FORMATS


@contextmanager
def translated(doing: Text) -> Iterator[None]:
    """Turn PyAV's errors into ours; `doing` says where it happened."""
    try:
        yield
    except FootageError:
        raise
    except (av.error.InvalidDataError, av.error.EOFError, IndexError) as cause:
        reason = f"this is not footage that privmask knows, or it is damaged ({_words(cause)})"
        japanese = f"privmask の知る映像ではないか、壊れています（{doing.ja}、{_kind(cause)}）"
        raise DamagedFootageError(Text(japanese, f"{doing}: {reason}")) from cause
    except (av.error.DecoderNotFoundError, av.error.PatchWelcomeError, av.error.OptionNotFoundError) as cause:
        raise UnsupportedFootageError(
            Text(
                f"この映像に使える復号器が FFmpeg にありません（{doing.ja}、{_kind(cause)}）",
                f"{doing}: FFmpeg has no decoder that may be used for it ({_words(cause)})",
            )
        ) from cause
    except av.error.FFmpegError as cause:
        raise FootageError(
            Text(f"映像を読めません（{doing.ja}、{_kind(cause)}）", f"{doing}: it cannot be read ({_words(cause)})")
        ) from cause
    except MemoryError as cause:
        raise UnsupportedFootageError(
            Text(f"メモリーが足りません（{doing.ja}）", f"{doing}: it asks for more memory than there is")
        ) from cause


def _kind(cause: BaseException) -> str:
    """The kind of an error of FFmpeg, which has no Japanese words."""
    return type(cause).__name__


def _words(cause: BaseException) -> str:
    return str(getattr(cause, "strerror", "") or type(cause).__name__)


@functools.cache
def prove_lists_bite() -> None:
    """Check, once in a process, that FFmpeg obeys the allow-lists: each probe below must be refused for the list's sake.

    Raises UnsupportedFootageError if a later FFmpeg has renamed an option, in which case nothing may be opened.
    """
    probe = b"YUV4MPEG2 W2 H2 F25:1 Ip C420jpeg\nFRAME\n\x00\x00\x00\x00\x00\x00"
    if not _opens(probe, {}):
        raise UnsupportedFootageError(
            "this FFmpeg cannot read the probe that proves its allow-lists; nothing is opened"
        )
    for option, value in (("format_whitelist", "mov"), ("codec_whitelist", "h264"), ("max_streams", "0")):
        if _opens(probe, {option: value}):
            raise UnsupportedFootageError(
                f"this FFmpeg ignores its option {option}; no foreign footage is opened with it"
            )


def _opens(data: bytes, options: dict[str, str]) -> bool:
    try:
        with av.open(io.BytesIO(data), "r", format=None, options=options) as container:
            context = container.streams.video[0].codec_context
            context.options = {k: v for k, v in options.items() if k == "codec_whitelist"}
            return any(True for _ in container.decode(video=0))
    except (av.error.FFmpegError, IndexError):
        return False


_NOT_TRUSTED = Text(
    "復号器 {decoder} は、privmask が外からの映像に使うものではありません",
    "the decoder {decoder} is not among those that privmask trusts with foreign footage",
)
_TOO_LARGE = Text(
    "画面が {width}x{height} です。privmask が扱うのは {most} 画素までです（8K より大きい）",
    "the pictures are {width}x{height}; privmask takes at most {most} pixels, which is more than 8K",
)
