"""Threads beside the corridor's own: bounded queues, errors carried over, and a prompt stop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

DEPTH = 2
"""Frames in a queue. More are no faster, and each is 3 MB at 1080p."""

_TICK = 0.05
"""Seconds between looks at the stop sign while a queue is full or empty."""


class Stopped(Exception):  # noqa: N818 - not an error: it ends a worker that is no longer wanted
    """Raised inside a worker when its other end was closed."""


class _Channel(Generic[T]):
    """A queue of bounded length, out of two that an interrupt cannot leave locked; with a `depth` of 0, from hand to hand.

    In `queue.Queue` a lock is taken in Python: where Ctrl-C comes right after that, nobody ever lets go of it.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._items: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._room: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(depth):
            self._room.put(None)

    def put(self, item: T, stop: threading.Event) -> None:
        """Wait for room, and put it there; raises `Stopped` once there is a stop."""
        while not stop.is_set():
            try:
                self._room.get(timeout=_TICK)
            except queue.Empty:
                continue
            return self._items.put(item)
        raise Stopped

    def get(self, stop: threading.Event | None = None) -> T:
        """Wait for the next item; raises `Stopped` once there is a stop."""
        if not self._depth:
            self._room.put(None)
        while stop is None or not stop.is_set():
            try:
                item = self._items.get(timeout=None if stop is None else _TICK)
            except queue.Empty:
                continue
            if self._depth:
                self._room.put(None)
            return item
        raise Stopped

    def end(self, last: T) -> None:
        """Let go of what is in it, and hand the `last` to whoever waits for an item."""
        while not self._items.empty():
            self._items.get_nowait()
        self._items.put(last)


class _End:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Producer(Generic[T]):
    """Runs an iterator in a thread of its own, at most `depth` items ahead of whoever iterates over this.

    With 0 the next one is made while one is used, and handed over when it is asked for.
    """

    def __init__(self, items: Iterator[T], name: str, depth: int = DEPTH) -> None:
        self._items = items
        self._queue: _Channel[T | _End] = _Channel(depth)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                self._queue.put(item, self._stop)
        except Stopped as caught:
            if self._stop.is_set():
                return
            error = caught  # of another producer, which these items come from
        except BaseException as caught:
            error = caught
        finally:
            close = getattr(self._items, "close", None)
            if close is not None:
                close()
        self._items = iter(())
        try:
            self._queue.put(_End(error), self._stop)
        except Stopped:
            return

    def __iter__(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
            if isinstance(item, _End):
                self._thread.join()
                if item.error is not None:
                    raise item.error
                return
            yield item

    def stop(self) -> None:
        """Have the thread stop where it is, and do not wait: it may stand in a read that nobody answers."""
        self._stop.set()

    def close(self, patience: float | None = None) -> None:
        """Stop the thread, wait for it (`patience` seconds at the most), and let go of what it made."""
        self._stop.set()
        self._thread.join(patience)
        self._queue.end(_End(Stopped()))


class Consumer(Generic[T]):
    """Calls `take` in a thread of its own for each item that is `put`, at most `depth` items behind."""

    def __init__(self, take: Callable[[T], None], name: str, depth: int = DEPTH) -> None:
        self._take = take
        self._queue: _Channel[T | _End] = _Channel(depth)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                item = self._queue.get(self._stop)
                if isinstance(item, _End):
                    return
                self._take(item)
                del item
        except Stopped:
            return
        except BaseException as caught:
            self._error = caught
            self._stop.set()

    def put(self, item: T) -> None:
        """Hand over one item; raises what `take` raised for an earlier one."""
        try:
            self._queue.put(item, self._stop)
        except Stopped:
            self._raise()
            raise

    def finish(self) -> None:
        """Wait until all items are taken; raises what `take` raised."""
        try:
            self._queue.put(_End(), self._stop)
        except Stopped:
            self._raise()
        self._thread.join()
        self._let_go()
        self._raise()

    def close(self) -> None:
        """Stop at once; items that were not taken are dropped."""
        self._stop.set()
        self._thread.join()
        self._let_go()

    def _let_go(self) -> None:
        """Forget whom the items went to: the circle of the two would keep an encoder's memory until the collector runs."""
        self._take = _forget

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error


def _forget(_item: object) -> None:
    """Take nothing any more."""
