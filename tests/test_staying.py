"""Who is to stay visible is hidden all the same where somebody else could be taken for them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from privmask import MaskPlan, PlanError, mask_clip
from privmask.geometry import Box
from privmask.masks import DynamicMask, Keep
from privmask.sighting import Sighting
from privmask.staying import surely_kept
from privmask.watching import Looking
from tests.test_watching import FRAMES, dark, lumas, write_tracks
from tests.video.clips import make_clip

FACES = DynamicMask("face", margin=Fraction(0))
OWN = Keep("applicant", "asks for the pictures", track=1)
SIDE = 8


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=FRAMES, gop=10)


def line(track: int, frame: int, left: float, label: str = "face") -> dict[str, Any]:
    return {"frame": frame, "track": track, "label": label, "box": [left, 24, SIDE, SIDE]}


def hidden(copy: Path, left: Callable[[int], float]) -> str:
    """On which frames the face at `left(frame)` is hidden."""
    boxes = [Box(left(index), 24, left(index) + SIDE, 24 + SIDE) for index in range(FRAMES)]
    return "".join(".#"[dark(picture, box)] for picture, box in zip(lumas(copy), boxes, strict=True))


def test_where_two_people_cross_both_are_hidden_even_if_a_person_wrote_the_tracks(clip: Path, tmp_path: Path) -> None:
    ways = [line(1, 0, 4), line(1, FRAMES - 1, 80), line(2, 0, 80), line(2, FRAMES - 1, 4)]
    tracks = write_tracks(tmp_path / "tracks.jsonl", *ways, searched=("face",))
    plan = MaskPlan((), dynamic=(FACES,), keep=(OWN,))
    copy = mask_clip(clip, tmp_path / "copy.mp4", plan, looking=Looking(tracks=tracks)).copy
    assert hidden(copy, lambda frame: 80 - 4 * frame) == "####################"
    assert hidden(copy, lambda frame: 4 + 4 * frame) == ".........##........."


def test_a_doubtful_track_is_not_kept(clip: Path, tmp_path: Path) -> None:
    tracks = write_tracks(tmp_path / "tracks.jsonl", line(1, 0, 4), searched=("face",))
    tracks.write_text(tracks.read_text().replace('"searched"', '"doubtful": [1], "searched"'))
    with pytest.raises(PlanError, match="track 1 is doubtful"):
        mask_clip(
            clip,
            tmp_path / "copy.mp4",
            MaskPlan((), dynamic=(FACES,), keep=(OWN,)),
            looking=Looking(tracks=tracks),
        )
    assert not (tmp_path / "copy.mp4").exists()


def sighting(track: int, left: float, label: Any = "face") -> Sighting:
    return Sighting(track, label, Box(left, 0, left + SIDE, SIDE))


def numbers(*sightings: Sighting, kept: set[int | None]) -> list[int]:
    return [each.track for each in surely_kept(sightings, kept)]


def test_only_somebody_near_makes_it_doubtful() -> None:
    own, near, far, plate = sighting(1, 40), sighting(2, 51), sighting(2, 53), sighting(3, 40, "plate")
    assert numbers(own, far, kept={1}) == [1, 2]
    assert numbers(own, near, kept={1}) != [1, 2]
    assert numbers(own, plate, kept={1}) == [1, 3]
    assert numbers(own, sighting(4, 44), kept={1, 4}) == [1, 4], "both may be seen"
    assert numbers(own, near, kept=set()) == [1, 2]
    assert numbers(own, kept={1}) == [1]


def test_the_number_it_is_hidden_under_is_nobodys() -> None:
    found = numbers(sighting(1, 40), sighting(2, 44), sighting(9, 80), kept={1, 10})
    assert len({*found, 1, 10}) == 5
