"""Packets of a camera as they arrive: taken off the wire at once, whoever is behind, and each with its moment."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeAlias

import av.error

from privmask.errors import DamagedFootageError
from privmask.video.cameras import Camera, lost, silent
from privmask.video.flowing import Moment

_MOST_PACKETS, _MOST_BYTES = 300, 64 << 20
ARRIVAL_UNIT = Fraction(1, 90_000)
"""Seconds in which the times of pictures are counted that are known by their arrival alone."""
Arrived: TypeAlias = "tuple[Any, Moment] | None"
"""A packet and when it came; None where packets were thrown away because they piled up."""


class Arrivals:
    """Reads a camera in a thread of its own. What piles up is thrown away, unless it is a file, which waits.

    A camera that is silent for `timeout` seconds counts as lost.
    """

    def __init__(
        self, camera: Camera, url: str, clock: Callable[[], float], wall: Callable[[], datetime], timeout: float
    ) -> None:
        self._camera, self._url, self._clock, self._wall, self._timeout = camera, url, clock, wall, timeout
        self._waiting: deque[Arrived] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._over = self._stopped = False
        self._error: Exception | None = None
        self.thrown_away = 0
        self._thread = threading.Thread(target=self._run, name="privmask-receive", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Arrived]:
        while True:
            with self._changed:
                heard = self._changed.wait_for(lambda: self._waiting or self._over, self._timeout)
                if not heard and self._camera.live:
                    raise silent(self._url)
                if not self._waiting and self._over:
                    break
                if not self._waiting:
                    continue
                found = self._waiting.popleft()
                self._bytes -= 0 if found is None else found[0].size
                self._changed.notify_all()
            yield found
        if self._error is not None:
            raise self._error

    def close(self, seconds: float) -> None:
        """Stop reading and hang up; one who stands in a read longer than that is left to the end of the process."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(seconds)
        if not self._thread.is_alive():
            self._camera.close()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            for packet in self._camera.container.demux(self._camera.stream):
                if packet.size == 0:
                    break
                if not self._offered(packet):
                    return
            if self._camera.live:
                error = lost(self._url, None)
        except (av.error.FFmpegError, OSError) as cause:
            error = (
                lost(self._url, cause) if self._camera.live else DamagedFootageError("the file can no longer be read")
            )
        with self._changed:
            self._over, self._error = True, error
            self._changed.notify_all()

    def _offered(self, packet: Any) -> bool:
        """Put a packet where it waits; false once it is over."""
        moment = Moment(self._clock(), self._wall())
        if not self._camera.timed:
            packet.pts = packet.dts = round(moment.at / ARRIVAL_UNIT)
        with self._changed:
            if not self._camera.live:
                self._changed.wait_for(lambda: self._stopped or not self._is_full())
            elif self._is_full():
                self.thrown_away += sum(each is not None for each in self._waiting)
                self._waiting.clear()
                self._waiting.append(None)
                self._bytes = 0
            self._waiting.append((packet, moment))
            self._bytes += packet.size
            self._changed.notify_all()
            return not self._stopped

    def _is_full(self) -> bool:
        return len(self._waiting) >= _MOST_PACKETS or self._bytes >= _MOST_BYTES
