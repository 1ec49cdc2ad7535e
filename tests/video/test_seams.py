"""A real browser plays a copy whose groups partly travelled: over every seam, and from every place. Runs where there is one."""

from __future__ import annotations

import base64
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.video import Route
from tests.video.clips import make_clip
from tests.video.test_sections import copied
from tests.video.travel import CLOSED, X264, drawn_way, let_travel

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WORDS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--autoplay-policy=no-user-gesture-required"),
]
RATE, SIZE = 25, (96, 64)
PATIENCE = 120
"""Seconds that a browser may take, on a busy machine, before the test gives up."""

PAGE = """<!doctype html><video id=v muted></video><script>
const v = document.getElementById('v'), frames = FRAMES;
const say = (what) => fetch('/said', {method: 'POST', body: JSON.stringify(what)});
const until = (event) => new Promise((done, fail) => {
  v['on' + event] = done;
  v.onerror = () => fail(new Error(v.error.code + ' ' + v.error.message));
});
async function look(times) {
  const canvas = document.createElement('canvas');
  canvas.width = v.videoWidth; canvas.height = v.videoHeight;
  const brush = canvas.getContext('2d');
  const pictures = [];
  for (const frame of frames) {
    const there = until('seeked'), drawn = new Promise((done) => v.requestVideoFrameCallback((_, seen) => done(seen)));
    v.currentTime = (frame + 0.5) / RATE;
    await there;
    times.push((await drawn).mediaTime);
    brush.drawImage(v, 0, 0);
    pictures.push(btoa(String.fromCharCode(...brush.getImageData(0, 0, canvas.width, canvas.height).data)));
  }
  return pictures;
}
async function play() {
  const shown = [], back = until('seeked');
  v.currentTime = 0;
  await back;
  v.requestVideoFrameCallback(function next(now, seen) { shown.push(seen.mediaTime); v.requestVideoFrameCallback(next); });
  const over = until('ended');
  await v.play();
  await over;
  return shown.slice();
}
(async () => {
  try {
    const answers = [];
    for (const name of ['/original', '/copy']) {
      v.src = URL.createObjectURL(await (await fetch(name)).blob());
      await until('loadeddata');
      const times = [], pictures = await look(times), shown = await play();
      answers.push({times, pictures, shown, duration: v.duration, corrupted: v.getVideoPlaybackQuality().corruptedVideoFrames});
    }
    await say(answers);
  } catch (error) { await say(String(error)); }
})();
</script>"""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[tuple[str, queue.Queue[Any]]]:
    """An address on this machine that gives these files, and what a page there has to say."""
    said: queue.Queue[Any] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path, b"")
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if self.path == "/" else "video/mp4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            said.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", said
        server.shutdown()
        thread.join()


def looked_at(original: Path, copy: Path, frames: list[int], profile: Path) -> list[dict[str, Any]]:
    """What a browser shows of both clips on these frames, and when it shows what while it plays them."""
    program = os.environ.get("PRIVMASK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium here; on Debian: apt-get install chromium")
    page = PAGE.replace("FRAMES", json.dumps(frames)).replace("RATE", str(RATE))
    files = {"/": page.encode(), "/original": original.read_bytes(), "/copy": copy.read_bytes()}
    with serving(files) as (address, said):
        words = [program, *WORDS, f"--user-data-dir={profile}", "--remote-debugging-port=0", address]
        browser = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            answers = said.get(timeout=PATIENCE)
        finally:
            browser.terminate()
            browser.wait()
    assert isinstance(answers, list), answers
    return answers


def pictures_of(answer: dict[str, Any]) -> list[NDArray[np.uint8]]:
    return [np.frombuffer(base64.b64decode(text), np.uint8).reshape(*SIZE[::-1], 4) for text in answer["pictures"]]


def around_seams(route: Route) -> list[int]:
    """The frames at both sides of each seam, and one in the middle of each run."""
    starts = [run.start for run in route.runs]
    last = len(route.times) - 1
    near = {each for start in starts for each in (start - 1, start, start + 1)}
    return sorted({each for each in near | {start + 3 for start in starts} | {0, last} if 0 <= each <= last})


CLIPS: list[dict[str, Any]] = [
    CLOSED,
    {**CLOSED, "b_frames": 0},
    {"b_frames": 3, "options": {"x264-params": X264}},
    {"b_frames": 0, "options": {"x264-params": X264, "profile": "baseline"}},
]


@pytest.mark.slow
@pytest.mark.parametrize("what", CLIPS, ids=["B frames", "no B frames", "a pyramid of B frames", "Baseline"])
def test_a_browser_seeks_to_and_plays_over_every_seam(tmp_path: Path, what: dict[str, Any]) -> None:
    """Forwards and backwards; what travelled is shown as of the original, sample by sample, and the rest nearly so."""
    original = make_clip(tmp_path / "clip.mp4", size=SIZE, frames=30, rate=Fraction(RATE), **what)
    copy = tmp_path / "copy.mp4"
    _, route = let_travel(original, copy, ".#..#.")
    way, forwards = drawn_way(route), around_seams(route)
    frames = [*forwards, *forwards[-2::-1]]
    before, after = looked_at(original, copy, frames, tmp_path / "profile")
    for number, one, other in zip(frames, pictures_of(before), pictures_of(after), strict=True):
        apart = abs(one[8:].astype(int) - other[8:])
        assert apart.max() == 0 if way[number] == "." else 0 < apart.mean() < 4, (number, apart.mean())
    assert len({one.tobytes() for one in pictures_of(before)}) == len(forwards)
    for answer in (before, after):
        assert answer["times"] == pytest.approx([frame / RATE for frame in frames], abs=0.001)
        assert answer["corrupted"] == 0
        assert answer["duration"] == pytest.approx(30 / RATE, abs=0.05)
        assert answer["shown"] == sorted(set(answer["shown"]))
        assert answer["shown"][-1] > 28 / RATE - 0.2


@pytest.mark.slow
def test_a_browser_plays_over_the_places_where_an_encoder_began_anew(tmp_path: Path) -> None:
    original = make_clip(tmp_path / "clip.mp4", size=SIZE, frames=60, rate=Fraction(RATE))
    assert copied(original, tmp_path / "copy.mp4").starts == (0, 25, 50)
    forwards = [0, 10, 23, 24, 25, 26, 49, 50, 51, 59]
    frames = [*forwards, *forwards[-2::-1]]
    before, after = looked_at(original, tmp_path / "copy.mp4", frames, tmp_path / "profile")
    for number, one, other in zip(frames, pictures_of(before), pictures_of(after), strict=True):
        assert abs(one.astype(int) - other).mean() < 4, number
    assert after["times"] == pytest.approx([frame / RATE for frame in frames], abs=0.001)
    assert after["corrupted"] == 0
    assert after["shown"] == sorted(set(after["shown"]))
    assert after["shown"][-1] > 58 / RATE - 0.2
