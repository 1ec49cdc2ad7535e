"""A camera's reference picture is taken from a clip, shows nothing private, and still tells whether the camera has moved."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from privmask.cli.ending import run
from privmask.drifting import require_same_view
from privmask.errors import CopyExistsError, PlanError, PolicyError
from privmask.geometry import Size
from privmask.referring import write_reference
from tests.detect.scenes import Luma, place, seen
from tests.policy.sites import site_text

FULL_HD = Size(1920, 1080)
HERE = place()


def clip_of(path: Path, shown: Luma) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "20", "preset": "ultrafast"})
        stream.height, stream.width = shown.shape
        stream.pix_fmt = "yuv420p"
        for _ in range(2):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="gray")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_bytes(site_text())
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return clip_of(tmp_path / "gate.mp4", seen(HERE, FULL_HD))


def test_what_is_private_is_black_in_it_and_nobody_else_may_read_it(rules: Path, clip: Path, tmp_path: Path) -> None:
    picture = tmp_path / "new" / "gate.png"
    write_reference(rules, "gate", clip, picture)
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    samples = np.asarray(Image.open(picture).convert("L"))
    assert samples.shape == (1080, 1920)
    assert samples[230:250, 500:560].max() == 0
    assert samples[700:].std() > 10, "the rest is the camera's view"


def test_with_it_a_clip_of_the_same_view_is_taken_and_one_of_a_turned_camera_refused(
    rules: Path, clip: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "gate.png"
    write_reference(rules, "gate", clip, picture)
    require_same_view(clip, picture)
    turned = clip_of(tmp_path / "turned.mp4", seen(HERE, FULL_HD, x=40))
    with pytest.raises(PolicyError, match="the camera has moved"):
        require_same_view(turned, picture)


def test_it_replaces_nothing_and_is_made_for_cameras_of_the_rules_only(rules: Path, clip: Path, tmp_path: Path) -> None:
    picture = tmp_path / "gate.png"
    picture.write_bytes(b"mine")
    with pytest.raises(CopyExistsError, match="exists already"):
        write_reference(rules, "gate", clip, picture)
    assert picture.read_bytes() == b"mine"
    with pytest.raises(PolicyError, match="not in the site's rules"):
        write_reference(rules, "garden", clip, tmp_path / "new" / "garden.png")
    assert not (tmp_path / "new").exists()
    with pytest.raises(PlanError):
        write_reference(tmp_path / "none.toml", "gate", clip, tmp_path / "other.png")


def test_the_command_says_the_line_for_the_rules(
    rules: Path, clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(rules.parent)
    words = ["policy", "reference", clip.name, "--camera", "gate", "--json"]
    assert run([*words, "--taken-at", "2026-04-01T10:00"]) == 2
    capsys.readouterr()
    assert run([*words, "--taken-at", "2026-04-01T10:00+09:00"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["line"] == 'reference = { picture = "reference/gate.png", taken_at = 2026-04-01T10:00:00+09:00 }'
    assert (rules.parent / "reference" / "gate.png").is_file()
