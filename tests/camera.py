"""A network camera on loopback, as real as a test can have it: GStreamer's RTSP server in a process of its own.

    with Camera(tmp_path) as camera:
        subprocess.run(["ffmpeg", "-i", camera.url, …])

It sends H.264 in real time (or `speed` times as fast), of the pictures of `tests/marked.py`, in which everything private is
coloured and nothing else is. It can be killed and started again on the same port, change its size, stall, lose pictures, or
send damaged ones. `Receiver` is the other end: a server that takes a stream that is pushed to it (RECORD), and writes it down.
A test says itself what it does to its camera, and is skipped by `needs` where a part is missing.
"""

from __future__ import annotations

import json
import select
import signal
import struct
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.marked import encoded
from tests.needed import SYSTEM_PYTHON, needs

_SCRIPT = Path(__file__).with_name("camera_server.py")
_SECONDS = 30


class _Server:
    """A process of `camera_server.py`."""

    def __init__(self, told: dict[str, Any]) -> None:
        needs("rtsp-server")
        self._told = {"port": 0, **told}
        self._process: subprocess.Popen[str] | None = None

    @property
    def port(self) -> int:
        """Its port, the same after it was started again."""
        return int(self._told["port"])

    @property
    def url(self) -> str:
        """Where it is, with user and password if it has them."""
        user, scheme = self._told.get("user"), "rtsps" if self._told.get("certificate") else "rtsp"
        who = f"{user}:{self._told['password']}@" if user else ""
        return f"{scheme}://{who}127.0.0.1:{self.port}/gate"

    def start(self) -> Self:
        """Start it; it can be connected to when this returns."""
        words = [SYSTEM_PYTHON, "-I", str(_SCRIPT), json.dumps(self._told)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _SECONDS)
        line = self._process.stdout.readline() if ready else ""
        if not line.strip():
            self.kill()
            raise RuntimeError("the RTSP server did not start")
        self._told["port"] = int(line)
        return self

    def kill(self) -> None:
        """End it as a cut cable does: without a word."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def freeze(self) -> None:
        """Have it stand still with all its connections open, as a machine that hangs does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def say(self, *words: str) -> None:
        """Tell the running server what to do."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


class Camera(_Server):
    """A camera whose pictures of `size` come `rate` times a second of its own time, which runs at `speed`.

    `other_size` is the one that `change_size` goes over to. Files of its own go to `folder`. With `user` and `password` it
    lets in nobody else; `certificate` (PEM of key and certificate) makes it rtsps. `jpeg` sends JPEG instead of H.264.
    """

    def __init__(
        self,
        folder: Path,
        *,
        size: tuple[int, int] = (320, 240),
        other_size: tuple[int, int] | None = None,
        rate: int = 25,
        gop: int = 25,
        frames: int = 50,
        speed: float = 1,
        user: str = "",
        password: str = "",
        certificate: str = "",
        jpeg: bool = False,
    ) -> None:
        sizes = [size, *([other_size] if other_size else [])]
        self._files = [(folder / f"camera-{number}.units", each) for number, each in enumerate(sizes)]
        self._how = (frames, rate, gop, "mjpeg" if jpeg else "libx264")
        clips = [str(path) for path, _ in self._files]
        super().__init__(
            {
                "clips": clips,
                "size": size,
                "rate": rate,
                "speed": speed,
                "user": user,
                "password": password,
                "certificate": certificate,
                "jpeg": jpeg,
            }
        )

    def start(self) -> Self:
        """Start it, or start it again."""
        frames, rate, gop, codec = self._how
        for path, size in self._files:
            if not path.exists():
                units = encoded(range(frames), size, rate, gop=gop, codec=codec)
                path.write_bytes(b"".join(struct.pack(">I", len(unit)) + unit for unit in units))
        return super().start()

    def change_size(self, clip: int = 1) -> None:
        """Go over to pictures of the other size (or back to those of clip 0), without a word in between, as cameras do."""
        self.say("clip", str(clip))

    def damage(self, count: int = 1) -> None:
        """Send the next pictures with wrong bytes in their middle."""
        self.say("damage", str(count))

    def skip(self, count: int = 1) -> None:
        """Do not send the next pictures."""
        self.say("skip", str(count))

    def stall(self) -> None:
        """Send nothing any more, and keep the connection."""
        self.say("stall")

    def go_on(self) -> None:
        """Send again after `stall`."""
        self.say("go")


class Receiver(_Server):
    """A server that takes a stream of H.264 that is pushed to it, and writes it to `file` as MPEG-TS."""

    def __init__(self, file: Path, *, user: str = "", password: str = "") -> None:
        needs("gst-parsers")
        self.file = file
        super().__init__({"take": str(file), "user": user, "password": password})
