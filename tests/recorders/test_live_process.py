"""`privmask live` as it is used: a process of its own, a real RTSP camera before it, and real servers behind it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.camera import Camera, Receiver
from tests.cli.conftest import command, environment
from tests.marked import ZONE, encoded, marked_clip, shown

SECONDS = 60


class Live:
    """A running `privmask live` with its status file."""

    def __init__(self, folder: Path, url: str, output: str, *words: str, said: str = "", **more: str) -> None:
        self.status_file = folder / "status.json"
        told = ("live", url, "-o", output, "--zone", ZONE, "--json", "--status", self.status_file, *words)
        self.process = subprocess.Popen(
            command(*told), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(**more),
        )  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(said)
        self.process.stdin.close()
        self.process.stdin = None

    @property
    def status(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.status_file.read_text())
        except FileNotFoundError:
            return {"frames": 0, "segments": 0, "connections": 0, "connected": False, "dropped": {"unsent": 0}}
        return found

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until its status is like that."""
        end = time.monotonic() + SECONDS
        while not holds(self.status):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, self.status
            select.select([], [], [], 0.05)

    def stop(self) -> dict[str, Any]:
        """Have it end as services are ended; what it says at the end."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self, code: int = 0) -> dict[str, Any]:
        out, err = self.process.communicate(timeout=SECONDS)
        assert self.process.returncode == code, err
        found: dict[str, Any] = json.loads(out)
        return {**found, "stderr": err}


@contextmanager
def live(folder: Path, url: str, output: str, *words: str, **more: str) -> Iterator[Live]:
    running = Live(folder, url, output, *words, **more)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


def open_in(folder: Path, pattern: str) -> dict[str, int]:
    """How many pictures each file shows; none of them anything private."""
    found = {path.name: shown(path) for path in sorted(folder.glob(pattern))}
    assert not any(each.open for each in found.values())
    return {name: len(each.numbers) for name, each in found.items()}


def test_segments_stand_under_the_wall_clocks_name_when_they_are_whole(tmp_path: Path) -> None:
    with (
        Camera(tmp_path) as camera,
        live(tmp_path, camera.url, f"{tmp_path}/g-%Y%m%d-%H%M%S.mp4", "--segment", "1") as run,
    ):
        before = datetime.now()
        run.until(lambda status: status["segments"] >= 2)
        assert len(open_in(tmp_path, "*.mp4")) >= 2
        done = run.stop()
    files = open_in(tmp_path, "*.mp4")
    assert len(files) == done["segments"]
    assert sum(files.values()) == done["frames"]
    for name in files:
        assert abs((datetime.strptime(name[2:17], "%Y%m%d-%H%M%S") - before).total_seconds()) < SECONDS
    assert done["running"] is False
    assert done["latency"]["masked"]["p50_ms"] <= done["latency"]["masked"]["p99_ms"]


def test_a_camera_that_dies_is_waited_for_and_another_segment_begins(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera, live(tmp_path, camera.url, f"{tmp_path}/g-%H%M%S.mp4") as run:
        run.until(lambda status: status["frames"] > 10)
        camera.kill()
        run.until(lambda status: status["segments"] == 1 and not status["connected"])
        assert len(open_in(tmp_path, "*.mp4")) == 1
        camera.start()
        run.until(lambda status: status["connections"] == 2 and status["connected"])
        run.until(lambda status: status["frames"] > status["last_segment"]["frames"] + 10)
        done = run.stop()
    assert sum(open_in(tmp_path, "*.mp4").values()) == done["frames"]
    assert done["segments"] == 2
    assert "trying again" in done["stderr"]


def test_a_kill_leaves_no_half_of_a_file_under_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with Camera(tmp_path) as camera, live(tmp_path, camera.url, f"{folder}/g-%H%M%S.mp4", "--segment", "1") as run:
        run.until(lambda status: status["segments"] >= 1)
        run.process.kill()
        run.process.wait()
    for name, frames in open_in(folder, "*").items():
        assert name.endswith(".mp4")
        assert frames == 25


def test_a_password_is_in_no_list_of_processes_and_nothing_that_is_written(tmp_path: Path) -> None:
    with Camera(tmp_path, user="clerk", password="s3cr3t!") as camera:
        with live(tmp_path, camera.url, f"{tmp_path}/g-%H%M%S.mp4") as run:
            run.until(lambda status: status["frames"] > 5)
            listed = Path(f"/proc/{run.process.pid}/cmdline").read_bytes()
            status = run.status_file.read_text()
            done = run.stop()
        assert b"rtsp://*" in listed
        wrong = camera.url.replace("s3cr3t!", "wr0ng")
        with live(tmp_path, wrong, f"{tmp_path}/h-%H%M%S.mp4", "--tries", "1") as run:
            out, err = run.process.communicate(timeout=SECONDS)
            assert run.process.returncode == 6
        assert "another user or password" in err
        for text in (listed.decode(), status, json.dumps(done), out, err, run.status_file.read_text()):
            assert not any(word in text for word in ("s3cr3t", "wr0ng", "clerk"))


@pytest.mark.parametrize("way", ["stdin", "file", "environment"])
def test_a_password_need_not_be_on_the_command_line(way: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("clerk:p@ss/word:1\n")
    secret.chmod(0o600)
    with Camera(tmp_path, user="clerk", password="p@ss/word:1") as camera:
        plain = f"rtsp://127.0.0.1:{camera.port}/gate"
        ways: dict[str, tuple[str, list[str], dict[str, str]]] = {
            "stdin": ("-", [], {"said": f"rtsp://clerk:p%40ss%2Fword%3A1@127.0.0.1:{camera.port}/gate\n"}),
            "file": (plain, ["--credentials", str(secret)], {}),
            "environment": (plain, [], {"PRIVMASK_CAMERA": "clerk:p@ss/word:1"}),
        }
        url, words, more = ways[way]
        with live(tmp_path, url, f"{tmp_path}/g-%H%M%S.mp4", *words, **more) as run:
            run.until(lambda status: status["frames"] > 5)
            run.stop()
    secret.chmod(0o640)
    with live(tmp_path, plain, f"{tmp_path}/g-%H%M%S.mp4", "--credentials", str(secret)) as run:
        assert "chmod 600" in run.ended(2)["error"]["message"]


def test_a_stream_is_pushed_to_a_server_that_may_be_away_for_a_while(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera, Receiver(tmp_path / "got.ts") as server:
        with live(tmp_path, camera.url, server.url) as run:
            run.until(lambda status: status["frames"] > 50)
            server.kill()
            first = open_in(tmp_path, "got.ts")["got.ts"]
            run.until(lambda status: status["dropped"]["unsent"] > 0)
            server.start()
            sent = run.status["frames"] - run.status["dropped"]["unsent"]
            run.until(lambda status: status["frames"] - status["dropped"]["unsent"] > sent + 60)
            run.stop()
        server.kill()
    assert first > 10
    assert open_in(tmp_path, "got.ts")["got.ts"] > 10


def test_a_server_that_hangs_holds_up_neither_the_stream_nor_its_end(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera, Receiver(tmp_path / "got.ts") as server:
        server.freeze()
        with live(tmp_path, camera.url, server.url) as run:
            run.until(lambda status: status["dropped"]["unsent"] > 0)
            frames = run.status["frames"]
            run.until(lambda status: status["frames"] > frames + 20)
            run.stop()


def test_hls_is_played_by_ffmpeg(tmp_path: Path) -> None:
    with Camera(tmp_path) as camera, live(tmp_path, camera.url, f"{tmp_path}/out.m3u8", "--segment", "1") as run:
        run.until(lambda status: status["segments"] >= 3)
        run.stop()
    played = tmp_path / "played.mp4"
    words = ["ffmpeg", "-nostdin", "-loglevel", "error", "-live_start_index", "0", "-i", str(tmp_path / "out.m3u8")]
    subprocess.run([*words, "-t", "2", "-c", "copy", str(played)], check=True, timeout=SECONDS)
    found = shown(played)
    assert len(found.numbers) >= 40
    assert not found.open


def test_a_change_of_size_on_the_way_begins_another_segment(tmp_path: Path) -> None:
    with (
        Camera(tmp_path, other_size=(160, 120)) as camera,
        live(tmp_path, camera.url, f"{tmp_path}/g-%H%M%S.mp4") as run,
    ):
        run.until(lambda status: status["frames"] > 10)
        camera.change_size()
        run.until(lambda status: status["segments"] == 1)
        run.stop()
    sizes = [
        set(shown(path).sizes) for path in sorted(tmp_path.glob("*.mp4"), key=lambda path: os.stat(path).st_mtime_ns)
    ]
    assert sizes == [{(320, 240)}, {(160, 120)}]
    open_in(tmp_path, "*.mp4")


def test_a_file_in_a_cameras_place_ends_by_itself(tmp_path: Path) -> None:
    source = marked_clip(tmp_path / "in.mkv", "matroska")
    folder = tmp_path / "out"
    folder.mkdir()
    with live(tmp_path, f"file://{source}", f"{folder}/g-%H%M%S.mp4") as run:
        assert run.ended()["frames"] == 40
    assert list(open_in(folder, "*").values()) == [40]


@pytest.mark.parametrize(
    "url", ["/etc/passwd", "concat:a|b", "ftp://x/y", "rtsp://", "udp://127.0.0.1:1", "rtsp://[::1", "rtsp://a b/c"]
)
def test_what_is_no_cameras_address_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with live(tmp_path, url, f"{tmp_path}/g-%H%M%S.mp4") as run:
        error = run.ended(2)["error"]["message"]
    assert "address" in error
    assert url not in error.partition(";")[0]


class JpegCamera(BaseHTTPRequestHandler):
    """A camera that sends JPEG after JPEG to those who know its password, and one path that leads elsewhere."""

    pictures: ClassVar[list[bytes]] = []

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        """Answer."""
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/video")
            self.end_headers()
            return
        if self.headers.get("Authorization") != "Basic Y2xlcms6czNjcjN0":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="gate"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        with contextlib.suppress(OSError):
            for picture in itertools.cycle(self.pictures):
                head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
                self.wfile.write(head + picture + b"\r\n")
                select.select([], [], [], 0.02)


@pytest.fixture(scope="module")
def jpeg_port() -> Iterator[int]:
    JpegCamera.pictures = list(encoded(range(40), (320, 240), 25, gop=1, codec="mjpeg"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), JpegCamera)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_jpeg_after_jpeg_over_http_gets_the_times_of_its_arrival(jpeg_port: int, tmp_path: Path) -> None:
    with live(tmp_path, f"http://clerk:s3cr3t@127.0.0.1:{jpeg_port}/video", f"{tmp_path}/g-%H%M%S.mp4") as run:
        run.until(lambda status: status["frames"] > 40)
        done = run.stop()
    assert list(open_in(tmp_path, "*.mp4").values()) == [done["frames"]]
    times = shown(next(tmp_path.glob("*.mp4"))).times
    assert all(0 < after - before < 2 for before, after in itertools.pairwise(times))


@pytest.mark.parametrize(
    ("path", "reason"), [("/elsewhere", "cannot be reached"), ("/video", "another user or password")]
)
def test_a_camera_that_leads_elsewhere_or_wants_a_password_is_not_followed(
    path: str, reason: str, jpeg_port: int, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{jpeg_port}{path}"
    with live(tmp_path, url, f"{tmp_path}/g-%H%M%S.mp4", "--tries", "0") as run:
        assert reason in run.ended(6)["error"]["message"]


def test_a_camera_with_tls_and_a_password(tmp_path: Path) -> None:
    pem = tmp_path / "camera.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    named = ["-subj", "/CN=127.0.0.1", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    subprocess.run([*words, *named], check=True, capture_output=True)
    pem.write_bytes((tmp_path / "key").read_bytes() + (tmp_path / "cert").read_bytes())
    with (
        Camera(tmp_path, user="clerk", password="s3cr3t", certificate=str(pem)) as camera,
        live(tmp_path, camera.url, f"{tmp_path}/g-%H%M%S.mp4") as run,
    ):
        run.until(lambda status: status["frames"] > 10)
        run.stop()
    assert open_in(tmp_path, "*.mp4")
