"""The status of a watch for Prometheus: over HTTP, or as a file that its node exporter reads."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from privmask.errors import PlanError
from privmask.language import Text
from privmask.recorders.status import COUNTED, Status

_GAUGES = (
    ("done", "Segments that have their copy in this folder", lambda s: s.done),
    ("waiting", "Segments that wait", lambda s: s.waiting),
    ("at_work", "Segments that are being masked", lambda s: s.at_work),
    ("quarantined", "Segments in quarantine", lambda s: s.quarantined),
    ("unfinished", "Files that were still being written at the last look", lambda s: s.unfinished),
    ("lag_seconds", "How long ago the longest waiting segment was finished", lambda s: s.lag),
    ("behind", "1 where the lag is more than was asked for", lambda s: int(s.behind)),
    (
        "trouble",
        "1 where nothing can be done until something is mended, such as a full disk",
        lambda s: int(bool(s.trouble)),
    ),
)
_COUNTERS = (
    ("frames", "Frames of finished copies", lambda s: s.frames),
    ("work_seconds", "Seconds that jobs took", lambda s: s.seconds),
    ("worker_deaths", "Worker processes that died or stood still", lambda s: s.deaths),
)


class Metrics:
    """The numbers of a status, as Prometheus reads them. Raises PlanError where prometheus-client is not installed."""

    def __init__(self, status: Callable[[], Status]) -> None:
        try:
            from prometheus_client import CollectorRegistry
        except ImportError as cause:
            raise PlanError(_NOT_INSTALLED) from cause
        self._status = status
        self._registry: Any = CollectorRegistry()
        self._registry.register(self)

    def collect(self) -> Iterator[Any]:
        """The families of numbers, as prometheus-client asks for them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        status = self._status()
        for name, help, value in _GAUGES:
            yield GaugeMetricFamily(f"privmask_watch_{name}", help, value=value(status))
        for name, help, value in _COUNTERS:
            yield CounterMetricFamily(f"privmask_watch_{name}", help, value=value(status))
        ended = CounterMetricFamily("privmask_watch_segments", "Segments by what came of them", labels=["ending"])
        for ending in COUNTED:
            ended.add_metric([ending], status.counts[ending])
        yield ended

    def serve(self, address: str) -> Callable[[], None]:
        """Answer at `HOST:PORT`, at 127.0.0.1 where no host is named; what ends it again. PlanError where that cannot be."""
        from prometheus_client import start_http_server

        host, _, port = address.rpartition(":")
        try:
            server, thread = start_http_server(int(port), host.strip("[]") or "127.0.0.1", self._registry)
        except (OSError, ValueError, OverflowError) as cause:
            raise PlanError(_NO_SERVER.with_(address=repr(address), why=str(cause))) from cause

        def end() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return end

    def write(self, path: str) -> None:
        """Replace the file `path`, whole, which other users may read. Raises OSError."""
        from prometheus_client import generate_latest

        draft = f"{path}.{secrets.token_hex(4)}"
        try:
            with open(draft, "wb") as file:
                file.write(generate_latest(self._registry))
            os.chmod(draft, 0o644)
            os.replace(draft, path)
        finally:
            if os.path.lexists(draft):
                os.unlink(draft)


_NOT_INSTALLED = Text(
    "--metrics には prometheus-client が要ります： pip install 'privmask[recorders]'",
    "--metrics needs prometheus-client: pip install 'privmask[recorders]'",
)
_NO_SERVER = Text(
    "--metrics {address} で応答できません（{why}）", "--metrics {address}: nothing can answer there ({why})"
)
