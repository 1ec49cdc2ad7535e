"""Recorders, each listened to by a thread of its own, so that one which is slow to answer delays no other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from privmask.recorders.recorder import Recorder, Segment

_PATIENCE = 1.0
_LEAST = 0.02


@dataclass(slots=True)
class Batch:
    """What one recorder named at once. It is asked again when `safe` is set: then all of it is written down."""

    segments: Sequence[Segment]
    safe: threading.Event = field(default_factory=threading.Event)


class Feed:
    """What all recorders name; to be closed."""

    def __init__(self, recorders: Sequence[Recorder]) -> None:
        self._said: queue.SimpleQueue[Batch | Exception] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._recorders = recorders
        self._threads = [threading.Thread(target=self._listen, args=(each,), daemon=True) for each in recorders]
        for thread in self._threads:
            thread.start()

    @property
    def ended(self) -> bool:
        """Whether no recorder will name any more."""
        return not any(thread.is_alive() for thread in self._threads) and self._said.empty()

    @property
    def unfinished(self) -> int:
        """How many files the recorders saw that are still being written, as far as they look."""
        return sum(getattr(each, "unfinished", 0) for each in self._recorders)

    def get(self, seconds: float) -> Batch | None:
        """What was named next; raises what a recorder raised."""
        try:
            said = self._said.get(timeout=seconds) if seconds else self._said.get_nowait()
        except queue.Empty:
            return None
        if isinstance(said, Exception):
            raise said
        return said

    def close(self) -> None:
        """Ask no recorder any more, and let go of them."""
        self._closed.set()
        for thread in self._threads:
            thread.join(_PATIENCE * 2)
        for recorder in self._recorders:
            recorder.close()

    def _listen(self, recorder: Recorder) -> None:
        try:
            while not self._closed.is_set():
                ended = getattr(recorder, "ended", False)
                segments = recorder.finished(_PATIENCE)
                if segments:
                    batch = Batch(segments)
                    self._said.put(batch)
                    while not batch.safe.wait(_PATIENCE) and not self._closed.is_set():
                        pass
                elif ended:
                    return
                else:
                    self._closed.wait(_LEAST)  # for one that does not wait itself
        except Exception as error:  # whatever it is: it is raised again where somebody can tell of it
            self._said.put(error)
