"""What a watch tells Prometheus and the service manager."""

from __future__ import annotations

import socket
import sys
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privmask.errors import PlanError
from privmask.recorders.manager import Manager, unit
from privmask.recorders.metrics import Metrics
from privmask.recorders.status import Status

STATUS = Status("/rec", "/out", datetime(2026, 11, 23, tzinfo=UTC), done=7, lag=2.5, counts=Counter(made=5))


def test_the_numbers_are_served_to_this_machine_alone_unless_a_host_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    end = Metrics(lambda: STATUS).serve(f":{port}")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as page:
            text = page.read().decode()
        lines = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
        listening = [line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{port:04X}")]
        assert listening == [f"0100007F:{port:04X}"]
        with pytest.raises(PlanError, match="--metrics"):
            Metrics(lambda: STATUS).serve(f"127.0.0.1:{port}")
    finally:
        end()
    assert "privmask_watch_done 7.0" in text
    assert "privmask_watch_lag_seconds 2.5" in text
    assert 'privmask_watch_segments_total{ending="made"} 5.0' in text


@pytest.mark.parametrize("address", ["host:port", ":", ":99999999", ""])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(PlanError, match="--metrics"):
        Metrics(lambda: STATUS).serve(address)


def test_the_numbers_may_stand_in_a_file_that_is_replaced_whole(tmp_path: Path) -> None:
    page = tmp_path / "privmask.prom"
    for _ in range(2):
        Metrics(lambda: STATUS).write(str(page))
    assert "privmask_watch_waiting 0.0" in page.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["privmask.prom"]
    assert page.stat().st_mode & 0o777 == 0o644


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(PlanError, match=r"privmask\[recorders\]"):
        Metrics(lambda: STATUS)


@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_is_told_as_often_as_it_asks_for(abstract: bool, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        address = f"@privmask-{tmp_path.name}-{id(manager)}" if abstract else str(tmp_path / "notify")
        manager.bind(address.replace("@", "\0"))
        manager.settimeout(30)
        told = Manager({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "4000000"})
        told.tell("READY=1")
        told.beat(0.0, "7 done")
        told.beat(1.0, "7 done")
        told.beat(2.5, "7 done")
        told.beat(5.0, "8 done")
        said = [manager.recv(1000).decode() for _ in range(4)]
    assert said == ["READY=1", "WATCHDOG=1\nSTATUS=7 done", "WATCHDOG=1", "WATCHDOG=1\nSTATUS=8 done"]


def test_without_a_manager_nobody_is_told(tmp_path: Path) -> None:
    Manager({}).tell("READY=1")
    Manager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


def test_a_unit_gives_each_word_as_it_was_said() -> None:
    text = unit(
        ["/bin/privmask", "watch", "/a b", "--pattern", "%Y", "$x", 'q"'],
        reads=["/a b"],
        writes=["/out"],
        stop_after=45,
    )
    assert 'ExecStart=/bin/privmask watch "/a b" --pattern %%Y "$$x" "q\\""' in text
    assert 'ReadOnlyPaths="/a b"\nReadWritePaths=/out' in text
    assert "Type=notify" in text
