"""Opening a camera, or a file in its place; which protocols, formats and codecs that may be is listed here.

A camera's address may hold its password. FFmpeg's own words for what went wrong repeat the address, so none of them goes on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import av
import av.container
import av.error

from privmask.errors import FootageError, PlanError, StreamLostError, UnsupportedFootageError
from privmask.language import Text
from privmask.video.flowing import check_size
from privmask.video.opening import MAX_PIXELS, MAX_STREAMS, open_container, open_nothing_else, prove_lists_bite
from privmask.video.sharing import SharedFile
from privmask.video.streams import choose_stream

_CODECS = "h264,hevc,mjpeg"
"""What a camera may send: codecs in which a lost picture is seen, or harms no other."""


@dataclass(frozen=True, slots=True)
class _Kind:
    formats: str
    protocols: str
    options: dict[str, str]


# One transport only: over UDP packets get lost, and what a decoder makes of the rest is not to be trusted.
_RTSP = {"rtsp_transport": "tcp", "allowed_media_types": "video", "analyzeduration": "1", "fpsprobesize": "1"}
_HTTP = {"max_redirects": "0", "fflags": "nobuffer", "reconnect": "0"}
_KINDS = {
    "rtsp": _Kind("rtsp", "rtsp,tcp,rtp", _RTSP),
    "rtsps": _Kind("rtsp", "rtsps,rtsp,tls,tcp,rtp", _RTSP),
    "http": _Kind("mpjpeg,mjpeg", "http,tcp", _HTTP),
    "https": _Kind("mpjpeg,mjpeg", "https,tls,http,tcp", _HTTP),
}
SCHEMES = (*_KINDS, "file")


def check_address(url: str) -> None:
    """Raise PlanError for what is no address of a camera; its words do not repeat it."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in SCHEMES and (parts.hostname or parts.scheme == "file") and (parts.port or True)
    except ValueError:
        sound = False
    if not sound or any(letter <= " " for letter in url):
        raise PlanError(_NO_ADDRESS.with_(known=", ".join(f"{each}://" for each in SCHEMES)))


def shown_address(url: str) -> str:
    """The address as it may be shown: without user, password, or what follows a question mark, which may be a password too."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return f"file://…/{os.path.basename(parts.path)}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "") + parts.path


class Camera:
    """An open camera: its container, its stream of pictures, and whether pictures come at their own time (`live`).

    `timed` says whether it says itself when its pictures were taken; if not, they are given the time at which they arrived.
    """

    def __init__(
        self, container: av.container.InputContainer, *, live: bool, timed: bool = True, file: Any = None
    ) -> None:
        self.container, self.live, self.timed, self._file = container, live, timed, file
        self.stream: Any = choose_stream(container, None)
        check_size(self.stream)
        name = str(self.stream.codec_context.name)
        if live and name not in _CODECS.split(","):
            raise UnsupportedFootageError(_OTHER_CODEC.with_(codec=name, known=_CODECS))

    def close(self) -> None:
        """Hang up."""
        self.container.close()
        if self._file is not None:
            self._file.close()


def open_camera(url: str, timeout: float, file: Any = None) -> Camera:
    """Connect to the camera; it has `timeout` seconds for that, and for each packet. `file` is what a file:// address names.

    Raises StreamLostError where nobody answers, UnsupportedFootageError for what cannot be hidden safely.
    """
    prove_lists_bite()
    if file is not None:
        return _checked(open_container(SharedFile(file)), live=False, file=file)
    kind = _KINDS[urlsplit(url).scheme]
    options = {
        "format_whitelist": kind.formats,
        "protocol_whitelist": kind.protocols,
        "codec_whitelist": _CODECS,
        "max_streams": str(MAX_STREAMS),
        "max_pixels": str(MAX_PIXELS),
        **kind.options,
    }
    try:
        container = av.open(
            url,
            "r",
            metadata_errors="replace",
            io_open=open_nothing_else if kind.formats == "rtsp" else None,  # with HTTP it would bar the address itself
            options=options,
            timeout=(timeout, timeout / 2),  # an RTSP camera gets twice what is said before it counts as silent
        )
    except (av.error.FFmpegError, OSError, ValueError, IndexError) as cause:
        raise lost(url, cause) from None
    return _checked(container, live=True, timed=kind.formats == "rtsp")


def _checked(container: av.container.InputContainer, **how: Any) -> Camera:
    try:
        return Camera(container, **how)
    except FootageError:
        container.close()
        raise


def silent(url: str) -> StreamLostError:
    """That a camera has sent nothing for too long."""
    return StreamLostError(_LOST.with_(camera=shown_address(url), why=_SILENT))


def lost(url: str, cause: BaseException | None) -> StreamLostError:
    """That a camera is gone, and why in FFmpeg's number of an error alone."""
    if cause is None:
        return StreamLostError(_ENDED.with_(camera=shown_address(url)))
    refused = isinstance(cause, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError)
    why: object = _REFUSED if refused else type(cause).__name__.removesuffix("Error")
    if isinstance(cause, av.error.ExitError):
        return silent(url)
    return StreamLostError(_LOST.with_(camera=shown_address(url), why=why))


_NO_ADDRESS = Text(
    "カメラのアドレスではありません。次のどれかで始まるアドレスを指定してください：{known}",
    "this is no address of a camera; it begins with one of {known}",
)
_LOST = Text("カメラ {camera} につながりません（{why}）", "the camera {camera} cannot be reached: {why}")
_ENDED = Text("カメラ {camera} の映像が止まりました", "the stream of the camera {camera} ended")
_REFUSED = Text("利用者名又はパスワードが違います", "it wants another user or password")
_SILENT = Text("時間内に応答がありません", "it did not answer in time")
_OTHER_CODEC = Text(
    "カメラの符号化方式 {codec} は扱いません（{known} のどれかに設定してください）",
    "the camera sends {codec}; set it to one of {known}",
)
