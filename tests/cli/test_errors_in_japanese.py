"""The errors of `privmask mask` that a clerk meets first, all staged: in Japanese without a word of English prose."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.language import Text
from tests.bilingual import faults
from tests.cli.conftest import Privmask
from tests.video.clips import make_clip

OPENING = 'format = "privmask.plan.v1"\n'
ZONE = ("--zone", "0.1,0.1 0.4,0.1 0.4,0.5")
MASK = '[[mask]]\ntoken = "a"\npolygon = [[0, 0], [0.5, 0], [0.5, 0.5]]\n'

WORDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "no such clip": (6, ("missing.mp4", "-o", "copy.mp4", *ZONE)),
    "no clip but a text": (6, ("text.mp4", "-o", "copy.mp4", *ZONE)),
    "an empty clip": (6, ("empty.mp4", "-o", "copy.mp4", *ZONE)),
    "a clip that was cut": (6, ("cut.mp4", "-o", "copy.mp4", *ZONE)),
    "a folder": (6, (".", "-o", "copy.mp4", *ZONE)),
    "a copy that is there": (7, ("clip.mp4", "-o", "text.mp4", *ZONE)),
    "a copy over the original": (7, ("clip.mp4", "-o", "clip.mp4", *ZONE)),
    "a copy without its folder": (7, ("clip.mp4", "-o", "nowhere/copy.mp4", *ZONE)),
    "a copy of another kind": (2, ("clip.mp4", "-o", "copy.avi", *ZONE)),
    "a clip as a picture": (6, ("clip.mp4", "-o", "copy.jpg", *ZONE)),
    "a codec that cannot": (6, ("odd.mkv", "-o", "copy.mp4", "--codec", "h264", *ZONE)),
    "a quality that is none": (2, ("clip.mp4", "-o", "copy.mp4", "--quality", "99", *ZONE)),
    "a preset that is none": (2, ("clip.mp4", "-o", "copy.mp4", "--preset", "quick", *ZONE)),
    "a stream that is none": (6, ("clip.mp4", "-o", "copy.mp4", "--stream", "7", *ZONE)),
    "nothing to hide": (2, ("clip.mp4", "-o", "copy.mp4")),
    "a zone of two corners": (2, ("clip.mp4", "-o", "copy.mp4", "--zone", "0,0 1,1")),
    "a zone that is no numbers": (2, ("clip.mp4", "-o", "copy.mp4", "--zone", "left")),
    "a zone off the picture": (2, ("clip.mp4", "-o", "copy.mp4", "--zone", "900,0 950,0 950,9")),
    "a colour that is none": (2, ("clip.mp4", "-o", "copy.mp4", "--color", "red", *ZONE)),
    "no such plan": (2, ("clip.mp4", "-o", "copy.mp4", "--plan", "missing.toml")),
    "a plan that is no TOML": (2, ("clip.mp4", "-o", "copy.mp4", "--plan", "text.mp4")),
    "a plan of another picture": (2, ("clip.mp4", "-o", "copy.mp4", "--plan", "shape.toml")),
    "a plan with misspelt words": (2, ("clip.mp4", "-o", "copy.mp4", "--plan", "words.toml")),
    "a plan of other cameras": (2, ("clip.mp4", "-o", "copy.mp4", "--plan", "plan.toml", "--camera", "yard")),
    "no such tracks": (2, ("clip.mp4", "-o", "copy.mp4", "--tracks", "missing.jsonl")),
    "models that are missing": (8, ("clip.mp4", "-o", "copy.mp4", "--faces")),
    "no key": (2, ("clip.mp4", "-o", "copy.mp4", *ZONE)),
    "two keys": (2, ("clip.mp4", "-o", "copy.mp4", "--key", "a", "--agent", "b", *ZONE)),
}
SIGNED = {"no key", "two keys"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a sound clip and with what can be wrong, and no key and no model anywhere."""
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=6)
    make_clip(tmp_path / "odd.mkv", size=(65, 49), codec="ffv1", frames=6)
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:-500])
    (tmp_path / "text.mp4").write_text("no footage\n" * 100)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "shape.toml").write_text(f"{OPENING}frame = [100, 100]\n{MASK}")
    (tmp_path / "words.toml").write_text(f'{OPENING}{MASK}typ = "Color"\nvalid = 3\nhours = []\nenabled = 1\n')
    (tmp_path / "plan.toml").write_text(f'{OPENING}{MASK}camera = "gate"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("PRIVMASK_MODELS", str(tmp_path / "models"))
    return tmp_path


@pytest.mark.parametrize("what", WORDS)
def test_a_clerk_reads_what_is_wrong_in_japanese(what: str, desk: Path, privmask: Privmask) -> None:
    code, words = WORDS[what]
    before = sorted(desk.iterdir())
    who = () if what in SIGNED else ("--unsigned",)
    done = privmask("--lang", "ja", "mask", *words, *who)
    assert (done.code, done.out) == (code, "")
    for line in done.err.strip().split("\n"):
        assert faults(Text(line, "")) == []
    assert "詳細" not in done.err
    assert sorted(desk.iterdir()) == before
