"""The search for faces on real footage: found where they are, in the dark as well, and the card tells what was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from privmask.detect import faces
from privmask.detect.detector import Ask, Detection
from privmask.detect.models import Model, find_model, load_session, path_of
from privmask.detect.picture import Bgr, read_bgr
from privmask.detect.search import LEAST, FaceSearch
from privmask.errors import DetectorError
from privmask.video import open_video
from tests.detect.stream import frame_of, picture_of

FACE = (64.7, 35.5, 47.3, 61.4)
"""The face on the first frame of carphone: left, top, width, height of the ground truth."""


@pytest.fixture
def man(footage: Callable[[str], Path], installed: Callable[[str], Model]) -> Bgr:
    """The first frame of carphone: a man in a car, 176x144."""
    for name in ("yunet", "centerface"):
        installed(name)
    with footage("carphone_144p.mp4").open("rb", buffering=0) as file, open_video(file) as source:
        picture = source.info.picture
        return read_bgr(next(iter(source.frames())), picture, picture.displayed)


def is_him(found: Detection, left: float = FACE[0], top: float = FACE[1], size: float = FACE[3]) -> bool:
    x, y = (found.box.left + found.box.right) / 2, (found.box.top + found.box.bottom) / 2
    away = abs(x - left - FACE[2] * size / FACE[3] / 2) + abs(y - top - size / 2)
    return away < 0.3 * size and 0.6 < (found.box.bottom - found.box.top) / size < 1.6


def test_a_face_is_found_for_sure(man: Bgr) -> None:
    (found,) = FaceSearch(picture_of(man), Ask("face")).detect(frame_of(man))
    assert found.label == "face"
    assert found.score > 0.8
    assert is_him(found)


def in_a_street(man: Bgr, size: int, left: int, top: int) -> Bgr:
    """A plain wall of 640x360 on which the man is so small that his face is `size` samples high."""
    wall = np.full((360, 640, 3), 110, np.uint8)
    scale = size / FACE[3]
    small = cv2.resize(man, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    wall[top : top + small.shape[0], left : left + small.shape[1]] = small
    return wall


@pytest.mark.parametrize("size", [12, 16, 24, 40])
def test_a_small_face_is_found_in_a_colourless_picture_too(man: Bgr, size: int) -> None:
    wall = in_a_street(man, size, 300, 100)
    found = FaceSearch(picture_of(wall), Ask("face")).detect(frame_of(wall))
    scale = size / FACE[3]
    assert any(is_him(each, 300 + FACE[0] * scale, 100 + FACE[1] * scale, size) and each.score > 0.6 for each in found)


def test_a_face_in_the_dark_is_found_by_the_robust_model(man: Bgr) -> None:
    noise = np.random.default_rng(0).normal(0, 5, man.shape)
    night = np.asarray(np.clip(man * 0.16 + noise, 0, 255), np.uint8)
    search = FaceSearch(picture_of(night), Ask("face"))
    assert any(is_him(each) and each.score > 0.4 for each in search.detect(frame_of(night)))
    # The second frame is the first one of which the light is known beforehand.
    search.detect(frame_of(night, 1, "1"))
    looks = search.card()["face"]["looks"]
    assert [(look["name"], look["searched"]) for look in looks["poor"]] == [("robust", 1), ("thorough", 0)]


def test_a_wall_has_no_face(installed: Callable[[str], Model]) -> None:
    for name in ("yunet", "centerface"):
        installed(name)
    wall = np.full((180, 320, 3), 110, np.uint8)
    wall[60:120, 100:180] = (40, 160, 200)
    search = FaceSearch(picture_of(wall), Ask("face"))
    assert search.detect(frame_of(wall)) == ()


def test_frames_are_searched_by_time_and_the_card_counts_them(man: Bgr) -> None:
    large = np.tile(man, (4, 6, 1))
    search = FaceSearch(picture_of(large), Ask("face"))
    found = [search.detect(frame_of(large, n, f"{n / 100}")) for n in range(12)]
    searched = [n for n, each in enumerate(found) if each]
    card = search.card()["face"]
    thorough, glance = card["looks"]["good"]
    assert 1 < len(searched) < 12
    done = [look["searched"] + look["recalled"] for look in (thorough, glance)]
    assert sum(done) == len(searched) + 1  # the first frame has both
    assert (card["frames"], card["min_size"], card["threshold"]) == (12, 16, "0.3")
    assert [each["name"] for each in card["models"]] == ["yunet", "centerface"]
    assert len(card["models"][0]["files"][0]["sha256"]) == 64


def test_the_fast_model_alone_can_be_asked_for(man: Bgr) -> None:
    search = FaceSearch(picture_of(man), Ask("face", model="fast"))
    search.detect(frame_of(man))
    assert [each["name"] for each in search.card()["face"]["models"]] == ["yunet"]


def test_the_robust_model_has_to_stand_though_it_is_loaded_only_in_poor_light(
    man: Bgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def load(model: Model) -> Any:
        loaded.append(model.name)
        return load_session(model)

    monkeypatch.setattr(faces, "load_session", load)
    FaceSearch(picture_of(man), Ask("face")).detect(frame_of(man))
    assert loaded == ["yunet"]
    yunet = path_of(find_model("yunet"), find_model("yunet").files[0])
    (tmp_path / yunet.name).write_bytes(yunet.read_bytes())
    monkeypatch.setenv("PRIVMASK_MODELS", str(tmp_path))
    with pytest.raises(DetectorError, match="centerface is not installed"):
        FaceSearch(picture_of(man), Ask("face"))


def test_halfway_between_thorough_looks_comes_a_glance(man: Bgr) -> None:
    street = np.tile(man, (4, 6, 1))[:540, :960]
    search, looks = FaceSearch(picture_of(street), Ask("face")), ""
    for n in range(13):
        moving = np.roll(street, 3 * n, axis=1)
        before = [look["searched"] for look in search.card()["face"]["looks"]["good"]]
        search.detect(frame_of(moving, n, f"{n / 25}"))
        after = [look["searched"] for look in search.card()["face"]["looks"]["good"]]
        looks += {(0, 0): ".", (1, 0): "T", (0, 1): "G", (1, 1): "B"}[after[0] - before[0], after[1] - before[1]]
    assert looks == "B.G.T.G.T.G.T"


@pytest.mark.slow
def test_every_face_of_a_classroom_is_found_within_a_second(
    footage: Callable[[str], Path], installed: Callable[[str], Model]
) -> None:
    for name in ("yunet", "centerface"):
        installed(name)
    with footage("classroom_270p.mp4").open("rb", buffering=0) as file, open_video(file) as source:
        search = FaceSearch(source.info.picture, Ask("face"))
        found = [search.detect(frame) for frame, _ in zip(source.frames(), range(15), strict=False)]
    assert all(LEAST <= each.score <= 1 for frame in found for each in frame)
    best = {
        (round(each.box.left / 40), round(each.box.top / 40)) for frame in found for each in frame if each.score > 0.6
    }
    assert len(best) >= 4


def test_half_a_face_at_the_edge_is_worth_as_much_as_a_fair_find(man: Bgr) -> None:
    cut = np.ascontiguousarray(man[:, round(FACE[0] + 0.5 * FACE[2]) :])
    large = np.asarray(cv2.resize(cut, None, fx=2, fy=2), np.uint8)
    search = FaceSearch(picture_of(large), Ask("face"))
    found = search.detect(frame_of(large))
    assert any(each.box.left < 8 and each.score >= LEAST + 0.15 for each in found)
