"""Audio, for those who ask: copied or encoded again, and never at the cost of the pictures' times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from privmask.video import Writing
from tests.video.clips import make_clip
from tests.video.trips import round_trip, times

CASES = [
    ("a.mp4", {"audio": "aac"}, "mp4", "kept, copied", "aac"),
    ("a.mp4", {"audio": "aac"}, "matroska", "kept, copied", "aac"),
    ("a.mkv", {"audio": "libopus"}, "mp4", "kept, copied", "opus"),
    ("a.mp4", {"audio": "aac"}, "mpegts", "kept, copied", "aac"),
    ("a.ts", {"audio": "aac"}, "mpegts", "kept, copied", "aac"),
    ("a.mkv", {"audio": "ac3"}, "mpegts", "kept, copied", "ac3"),
    ("a.mkv", {"audio": "libopus"}, "mpegts", "kept, encoded as aac", "aac"),
    ("a.avi", {"audio": "pcm_s16le", "codec": "mjpeg", "fmt": "yuvj420p"}, "mp4", "kept, encoded as aac", "aac"),
    ("a.mov", {"audio": "pcm_mulaw"}, "matroska", "kept, encoded as aac", "aac"),
]


@pytest.mark.parametrize(("name", "what", "container", "done", "codec"), CASES)
def test_audio_is_kept_only_when_asked_for(
    tmp_path: Path, name: str, what: dict[str, Any], container: Any, done: str, codec: str
) -> None:
    clip = make_clip(tmp_path / name, frames=50, **what)
    trip = round_trip(clip, tmp_path, Writing(container=container, audio="keep"))
    assert times(trip.copy) == times(trip.original)
    assert [s.done for s in trip.tally.streams if s.kind == "audio"] == [done]
    with av.open(str(tmp_path / "copy")) as copy:
        assert [s.codec_context.name for s in copy.streams.audio] == [codec]
        heard = sum(frame.samples / frame.sample_rate for frame in copy.decode(audio=0))
        assert heard == pytest.approx(2, abs=0.2)
        assert trip.tally.audio_packets > 0
    silent = round_trip(clip, tmp_path, Writing(container=container))
    assert [s.done for s in silent.tally.streams if s.kind == "audio"] == ["dropped"]
    assert silent.tally.audio_packets == 0
