"""What the light and the camera do to a scene: night, infrared, glare, blur, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np
from glyphs import Picture
from numpy.typing import NDArray

Planes = NDArray[np.float32]


def photograph(rng: np.random.Generator, scene: Picture, plates: NDArray[np.float32]) -> Picture:
    """The scene (n, n, 3) uint8 RGB as a camera would bring it; `plates` (n, n) in 0…1 says where plates shine at night."""
    picture = _light(rng, scene.astype(np.float32), plates[..., None])
    picture = _blur(rng, picture)
    picture = _sensor(rng, picture)
    return _compress(rng, np.clip(picture, 0, 255).astype(np.uint8))


def uneven_light(rng: np.random.Generator, picture: Picture) -> None:
    """Light that falls unevenly over a vehicle's paint, down and across."""
    height, width = picture.shape[:2]
    down = np.interp(np.arange(height), np.linspace(0, height, 5), rng.uniform(0.6, 1.15, 5)).astype(np.float32)
    across = np.interp(np.arange(width), np.linspace(0, width, 5), rng.uniform(0.75, 1.1, 5)).astype(np.float32)
    picture[:] = np.clip(picture * down[:, None, None] * across[None, :, None], 0, 255).astype(np.uint8)


def _light(rng: np.random.Generator, picture: Planes, plates: Planes) -> Planes:
    kind = rng.random()
    if kind < 0.58:  # day
        picture = (picture - 128) * rng.uniform(0.6, 1.2) + 128 + rng.uniform(-40, 30)
        if rng.random() < 0.3:
            picture = _shadow(rng, picture)
    elif kind < 0.72:  # dusk, haze
        picture = (picture - 110) * rng.uniform(0.3, 0.7) + rng.uniform(60, 150)
        picture = np.where(plates > 0.5, picture * rng.uniform(0.9, 1.3), picture)
    elif kind < 0.87:  # night with lamps
        gain = rng.uniform(0.08, 0.45)
        picture = picture * (gain * (1 - plates) + rng.uniform(max(gain, 0.25), 1.15) * plates)
        picture = _glare(rng, picture, int(rng.integers(0, 6)))
    else:  # infrared: grey, paint reflects, plates shine
        grey = picture @ rng.dirichlet([2, 2, 2]).astype(np.float32)
        gain = rng.uniform(0.3, 0.9)
        picture = np.repeat(grey[..., None], 3, 2) * (gain * (1 - plates) + rng.uniform(max(gain, 0.6), 1.35) * plates)
        return _glare(rng, picture, int(rng.integers(0, 3)))
    if rng.random() < 0.12:
        return np.repeat(picture.mean(axis=2, keepdims=True), 3, 2)
    if rng.random() < 0.5:
        cast = rng.normal(1, 0.12 if rng.random() < 0.7 else 0.35, 3).clip(0.3, 1.5)
        return (picture * cast).astype(np.float32)
    return picture.astype(np.float32)


def _shadow(rng: np.random.Generator, picture: Planes) -> Planes:
    size = picture.shape[0]
    mask = np.zeros((size, size), np.float32)
    corners = rng.uniform(-0.2 * size, 1.2 * size, (4, 2)).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(corners), 1)
    return picture * (1 - rng.uniform(0.3, 0.6) * cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.8, 4)))[..., None]


def _glare(rng: np.random.Generator, picture: Planes, lamps: int) -> Planes:
    size = picture.shape[0]
    ys, xs = np.mgrid[0:size, 0:size].astype(np.float32)
    for _ in range(lamps):
        x, y, radius = rng.uniform(0, size), rng.uniform(0, size), rng.uniform(2, 14)
        colour = np.asarray(
            [(255, 250, 235), (255, 60, 60), (255, 170, 90), (235, 240, 255)][int(rng.integers(4))], np.float32
        )
        distance = (xs - x) ** 2 + (ys - y) ** 2
        glow = 1.6 / (1 + distance / radius**2) ** rng.uniform(1.1, 2)
        picture = picture + glow[..., None] * colour
    return picture


def _blur(rng: np.random.Generator, picture: Planes) -> Planes:
    size = picture.shape[0]
    if rng.random() < 0.45:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.5))
    if rng.random() < 0.2:
        length = int(rng.integers(2, 9))
        kernel = np.zeros((9, 9), np.float32)
        angle = rng.normal(0, 0.4) if rng.random() < 0.7 else rng.uniform(0, np.pi)
        reach = length / 2 * np.asarray([np.cos(angle), np.sin(angle)])
        start, end = 4 - reach, 4 + reach
        cv2.line(kernel, (round(start[0]), round(start[1])), (round(end[0]), round(end[1])), 1.0, 1, cv2.LINE_AA)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum())
    if rng.random() < 0.35:
        small = int(size / rng.uniform(1.1, 2.2))
        picture = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
        how = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_LINEAR
        picture = cv2.resize(picture, (size, size), interpolation=how)
    if rng.random() < 0.2:
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 2))
        picture = picture + (picture - soft) * rng.uniform(0.3, 1.5)
    return picture


def _sensor(rng: np.random.Generator, picture: Planes) -> Planes:
    size = picture.shape[0]
    if rng.random() < 0.5:
        picture = 255 * (np.clip(picture, 0, 255) / 255) ** np.float32(rng.uniform(0.7, 1.4))
    if rng.random() < 0.6:
        grain = int(rng.choice([1, 1, 2]))
        noise = rng.standard_normal(
            (size // grain, size // grain, 3 if rng.random() < 0.5 else 1), dtype=np.float32
        ) * np.float32(rng.uniform(1, 12))
        noise = cv2.resize(noise, (size, size), interpolation=cv2.INTER_LINEAR) if grain > 1 else noise
        picture = picture + noise.reshape(size, size, -1)
    if rng.random() < 0.03:
        picture[::2] = np.roll(picture[::2], int(rng.integers(1, 6)), axis=1)
    return picture


def _compress(rng: np.random.Generator, picture: Picture) -> Picture:
    if rng.random() < 0.25:
        return picture
    quality = int(rng.uniform(12, 95) if rng.random() < 0.6 else rng.uniform(35, 95))
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
