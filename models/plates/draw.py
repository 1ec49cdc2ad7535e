"""Drawn training pictures for the plate detector: sample `index` of `seed` is always the same picture with the same boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from chance import pick, shade
from draw_camera import photograph
from draw_decoys import burn_in, draw_decoy
from draw_plates import Drawn, draw_plate
from draw_scenes import draw_background
from draw_vehicles import draw_vehicle
from glyphs import Mask, Picture
from numpy.typing import NDArray

SIZE = 256  # px of a sample
SMALLEST = 7.0  # px: a plate less high is neither right nor wrong
FAINTEST = 4.0  # grey levels of deviation inside a plate: fainter is neither right nor wrong
Homography = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture (SIZE, SIZE, 3) uint8 RGB and its plates.

    `boxes` (n, 4) are left, top, right, bottom in px; `ignored` (n,) says which do not count; `regions` are of `REGIONS`.
    """

    picture: Picture
    boxes: NDArray[np.float32]
    ignored: NDArray[np.bool_]
    regions: tuple[str, ...]


class Scene:
    """A picture that vehicles, plates and other things are laid into."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.shine = np.zeros(picture.shape[:2], np.float32)
        self.quads: list[tuple[NDArray[np.float64], str]] = []

    def lay(self, thing: Picture, opacity: Mask, where: Homography) -> Mask:
        """Lay a flat thing into the scene; `where` maps its px to the scene's. Returns what it covers (rows, columns) uint8."""
        thing, opacity, where = _shrunk(thing, opacity, where)
        size = (self.picture.shape[1], self.picture.shape[0])
        cover = cv2.warpPerspective(opacity, where, size, flags=cv2.INTER_LINEAR)
        left, top, wide, high = cv2.boundingRect(cover)
        if wide and high:
            area = np.s_[top : top + high, left : left + wide]
            shifted = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64) @ where
            warped = cv2.warpPerspective(
                thing, shifted, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            alpha = cover[area][..., None].astype(np.float32) / 255
            self.picture[area] = (self.picture[area] * (1 - alpha) + warped * alpha).astype(np.uint8)
            self.shine[area] *= 1 - alpha[..., 0]
        return np.asarray(cover, np.uint8)

    def lay_plate(self, plate: Drawn, where: Homography) -> None:
        """Lay a plate and keep its corners."""
        height, width = plate.picture.shape[:2]
        cover = self.lay(plate.picture, np.full((height, width), 255, np.uint8), where)
        self.shine = np.maximum(self.shine, cover.astype(np.float32) / 255)
        corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
        self.quads.append((cv2.perspectiveTransform(corners, where)[0], plate.region))


def _shrunk(thing: Picture, opacity: Mask, where: Homography) -> tuple[Picture, Mask, Homography]:
    """The thing at about the size it will have, so that no detail flickers away."""
    height, width = opacity.shape
    ends = cv2.perspectiveTransform(np.array([[[0, 0], [width, 0], [0, height]]], np.float64), where)[0]
    scale = max(np.linalg.norm(ends[1] - ends[0]) / width, np.linalg.norm(ends[2] - ends[0]) / height)
    if not 0.02 < scale < 0.8:
        return thing, opacity, where
    small = (max(round(width * scale), 2), max(round(height * scale), 2))
    back = np.diag([width / small[0], height / small[1], 1.0])
    resized = cv2.resize(thing, small, interpolation=cv2.INTER_AREA)
    return resized, cv2.resize(opacity, small, interpolation=cv2.INTER_AREA), where @ back


def draw_sample(seed: int, index: int, photographs: Sequence[Picture] = (), *, region: str | None = None) -> Sample:
    """Sample `index` of `seed`; some backgrounds come out of `photographs` (uint8 RGB, without plates), if there are any."""
    rng = np.random.default_rng([seed, index])
    photograph_behind = bool(photographs) and rng.random() < 0.4
    scene = Scene(_crop(rng, pick(rng, photographs)) if photograph_behind else draw_background(rng, SIZE))
    if not photograph_behind or rng.random() < 0.4:
        for _ in range(int(rng.integers(0, 5))):
            scene.lay(*_placed(rng, *draw_decoy(rng)))
    for _ in range(int(rng.choice([0, 1, 2, 3, 5], p=[0.16, 0.36, 0.26, 0.14, 0.08]))):
        kind = rng.random()
        if kind < 0.7:
            _lay_vehicle(rng, scene, region, with_plate=kind < 0.6)
        else:
            _lay_loose_plate(rng, scene, region)
    if rng.random() < 0.35:
        _cover_a_part(rng, scene)
    if rng.random() < 0.3:
        for _ in range(int(rng.integers(1, 4))):
            burn_in(rng, scene.picture)
    picture = photograph(rng, scene.picture, scene.shine)
    return _labelled(scene, picture)


def _crop(rng: np.random.Generator, photo: Picture) -> Picture:
    height, width = photo.shape[:2]
    side = int(min(height, width, SIZE * rng.uniform(0.5, 2.2)))
    x, y = int(rng.integers(0, width - side + 1)), int(rng.integers(0, height - side + 1))
    part = photo[y : y + side, x : x + side]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    how = cv2.INTER_AREA if side > SIZE else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(part, (SIZE, SIZE), interpolation=how), np.uint8)


def _view(
    rng: np.random.Generator, width: float, height: float, scale: float, middle: tuple[float, float]
) -> Homography:
    """A view of a flat thing (width × height) at `scale`, its centre at `middle`: turned, slanted, foreshortened a little."""
    turn, across = rng.normal(0, 0.05), float(np.clip(rng.normal(0, 0.35), -1, 1))
    slant = np.array([[1, rng.normal(0, 0.05)], [rng.normal(0, 0.05) + 0.12 * across, 1]])
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    seen = corners * scale @ (rotate @ slant).T * [1 - 0.4 * abs(across), 1 - rng.uniform(0, 0.15)]
    depth = 1 + 0.12 * across * np.array([-1, 1, 1, -1])
    target = (seen * depth[:, None] + middle).astype(np.float32)
    return np.asarray(
        cv2.getPerspectiveTransform((corners + np.array([width, height]) / 2).astype(np.float32), target), np.float64
    )


def _placed(rng: np.random.Generator, thing: Picture, opacity: Mask) -> tuple[Picture, Mask, Homography]:
    height, width = opacity.shape
    scale = float(np.exp(rng.uniform(np.log(14), np.log(170)))) / max(width, height)
    middle = (rng.uniform(0, SIZE), rng.uniform(0, SIZE))
    return thing, opacity, _view(rng, width, height, scale, middle)


def _plate_height(rng: np.random.Generator, aspect: float) -> float:
    """Small ones are many, as in the streets; a long plate is no longer than the picture."""
    height = float(np.exp(rng.uniform(np.log(6.5), np.log(80))))
    return min(height, 0.95 * SIZE / aspect)


def _lay_vehicle(rng: np.random.Generator, scene: Scene, region: str | None, *, with_plate: bool) -> None:
    vehicle, plate = draw_vehicle(rng), draw_plate(rng, region)
    high, wide = plate.picture.shape[:2]
    x, y, plate_wide = vehicle.plate
    plate_wide *= float(np.clip(wide / high / 3, 0.8, 1.3))
    scale = _plate_height(rng, wide / high) / (plate_wide * high / wide)
    height, width = vehicle.opacity.shape
    margin = 0.08 * SIZE
    target = rng.uniform(margin, SIZE - margin, 2)
    middle = (target[0] + (width / 2 - x) * scale, target[1] + (height / 2 - y) * scale)
    where = _view(rng, width, height, scale, (float(middle[0]), float(middle[1])))
    scene.lay(vehicle.picture, vehicle.opacity, where)
    if not with_plate:
        return
    zoom = plate_wide / wide
    onto = np.array([[zoom, 0, x - plate_wide / 2], [0, zoom, y - high * zoom / 2], [0, 0, 1]])
    _lay_framed(rng, scene, plate, where @ onto)


def _lay_loose_plate(rng: np.random.Generator, scene: Scene, region: str | None) -> None:
    plate = draw_plate(rng, region)
    high, wide = plate.picture.shape[:2]
    scale = _plate_height(rng, wide / high) / high
    middle = (rng.uniform(0, SIZE), rng.uniform(0, SIZE))
    _lay_framed(rng, scene, plate, _view(rng, wide, high, scale, middle))


def _lay_framed(rng: np.random.Generator, scene: Scene, plate: Drawn, where: Homography) -> None:
    """The plate, half of the time in a holder."""
    high, wide = plate.picture.shape[:2]
    if rng.random() < 0.45:
        rim, foot = int(rng.integers(2, 8)), int(rng.integers(3, 20))
        colour = shade(rng, pick(rng, [(15, 15, 15), (30, 30, 32), (190, 192, 195), (230, 230, 230)]))
        holder = np.full((high + rim + foot, wide + 2 * rim, 3), colour, np.uint8)
        shift = np.array([[1, 0, -rim], [0, 1, -rim], [0, 0, 1]], np.float64)
        scene.lay(holder, np.full(holder.shape[:2], 255, np.uint8), where @ shift)
    scene.lay_plate(plate, where)


def _cover_a_part(rng: np.random.Generator, scene: Scene) -> None:
    """A post, a tow hook or a shadowed corner in front of some plate."""
    for quad, _ in scene.quads:
        if rng.random() < 0.3:
            (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
            x, reach = rng.uniform(left, right), (right - left) * rng.uniform(0.05, 0.25)
            y = rng.uniform(top - 5, bottom)
            colour = shade(rng, pick(rng, [(25, 25, 25), (110, 110, 112), (200, 200, 200), (60, 80, 50)]))
            cv2.rectangle(
                scene.picture,
                (int(x), int(y)),
                (int(x + reach), int(y + (bottom - top) * rng.uniform(0.5, 3))),
                colour,
                -1,
            )


def _labelled(scene: Scene, picture: Picture) -> Sample:
    boxes, ignored, regions = [], [], []
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    for order, (quad, region) in enumerate(scene.quads):
        (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
        box = np.clip([left, top, right, bottom], 0, SIZE)
        seen = (box[2] - box[0]) * (box[3] - box[1]) / max((right - left) * (bottom - top), 1e-6)
        if seen < 0.1:
            continue
        inside = grey[int(box[1]) : int(box[3]) + 1, int(box[0]) : int(box[2]) + 1]
        hidden = any(_overlap(quad, later) > 0.4 for later, _ in scene.quads[order + 1 :]) or _shine(scene, box) < 0.45
        boxes.append(box)
        ignored.append(seen < 0.6 or bottom - top < SMALLEST or hidden or float(inside.std()) < FAINTEST)
        regions.append(region)
    return Sample(picture, np.asarray(boxes, np.float32).reshape(-1, 4), np.asarray(ignored, bool), tuple(regions))


def _shine(scene: Scene, box: NDArray[np.float64]) -> float:
    part = scene.shine[int(box[1]) : int(box[3]) + 1, int(box[0]) : int(box[2]) + 1]
    return float(part.mean()) if part.size else 0.0


def _overlap(below: NDArray[np.float64], above: NDArray[np.float64]) -> float:
    low, high = np.maximum(below.min(0), above.min(0)), np.minimum(below.max(0), above.max(0))
    area = float(np.prod(np.maximum(high - low, 0)))
    return area / max(float(np.prod(below.max(0) - below.min(0))), 1e-6)
