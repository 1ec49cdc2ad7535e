"""Sound beside the pictures of a stream, for those who asked for it by name."""

from __future__ import annotations

from typing import Any, ClassVar

import av.container

from privmask.video.audio import COPIED, AudioKeeper
from privmask.video.piped import Sound


class SoundOutput(AudioKeeper):
    """Carries packets of sound that came through the same pipe as the pictures."""

    # Opus in MPEG-TS has headers of its own between the packets: nobody looks for what might hide in those of a stream.
    _copied: ClassVar[dict[str, set[str]]] = {**COPIED, "mpegts": COPIED["mpegts"] | {"opus"}}

    def __init__(self, sound: Sound) -> None:
        self._sound, self._streams = sound, sound.streams
        self._held: Any = None
        self._out: Any = None
        self._ways = {}
        self.packets = 0

    def open(self, out: av.container.OutputContainer) -> None:
        """Add the streams to the output; call it before the first packet is written."""
        self._out = out
        self.add_streams()

    def close(self) -> None:
        """Nothing of this is its own to close."""

    def _next(self) -> Any:
        if self._held is None and self._sound.next() is not None:
            self._held = self._sound.take()
        return self._held
