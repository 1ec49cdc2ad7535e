"""Train the plate detector on drawn samples: train.py OUT [--photos DIR] [--steps N] [--seed S].

It goes on where OUT/last.pt stopped; S has to be the same again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from draw import SIZE, Sample, draw_sample
from glyphs import Picture
from net import SCALE, PlateNet
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

BATCH, TOP_RATE, WARM_UP, FALL, AVERAGING = 16, 2.5e-3, 150, 0.4, 0.998
CELLS = SIZE // 4
SAVED = 50  # steps
Batch = tuple[NDArray[Any], ...]


def targets(sample: Sample) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Heat (1, n, n), size and offset (4, n, n) and the weights of both (2, n, n) that the net should answer for the sample."""
    heat, shape = np.zeros((CELLS, CELLS), np.float32), np.zeros((4, CELLS, CELLS), np.float32)
    weights = np.stack([np.ones((CELLS, CELLS), np.float32), np.zeros((CELLS, CELLS), np.float32)])
    middles = np.arange(CELLS, dtype=np.float32) + 0.5
    order = np.argsort([-(b[2] - b[0]) * (b[3] - b[1]) for b in sample.boxes])
    for box, ignored in zip(sample.boxes[order] / 4, sample.ignored[order], strict=True):
        left, top, right, bottom = box
        if ignored:
            weights[0, int(top) : int(bottom) + 1, int(left) : int(right) + 1] = 0
            continue
        wide, high = right - left, bottom - top
        x, y = (left + right) / 2, (top + bottom) / 2
        across, down = (middles - x) / max(wide * 0.16, 0.7), (middles - y) / max(high * 0.2, 0.6)
        hill = np.exp(-0.5 * (across[None] ** 2 + down[:, None] ** 2))
        row, column = min(int(y), CELLS - 1), min(int(x), CELLS - 1)
        hill[row, column] = 1
        near = hill > np.maximum(0.3, weights[1])
        shape[0][near], shape[1][near] = np.log(wide), np.log(high)
        shape[2], shape[3] = (
            np.where(near, (x - middles)[None], shape[2]),
            np.where(near, (y - middles)[:, None], shape[3]),
        )
        weights[1] = np.where(near, hill, weights[1])
        heat = np.maximum(heat, hill)
        weights[0][row, column] = 1
    return heat[None], shape, weights


def draw_batch(seed: int, number: int, photos: list[Picture]) -> Batch:
    """Pictures (n, 3, SIZE, SIZE) uint8 and their targets."""
    samples = [draw_sample(seed, number * BATCH + n, photos) for n in range(BATCH)]
    pictures = np.stack([sample.picture.transpose(2, 0, 1) for sample in samples])
    return (pictures, *(np.stack(part) for part in zip(*(targets(sample) for sample in samples), strict=True)))


def mirrored(batch: Batch) -> Batch:
    """The batch seen in a mirror: every drawn picture serves twice. Plates are found by their looks, nobody reads them."""
    pictures, heat, shape, weights = (np.ascontiguousarray(part[..., ::-1]) for part in batch)
    shape[:, 2] *= -1
    return pictures, heat, shape, weights


def loss_of(answer: tuple[Tensor, Tensor, Tensor], heat: Tensor, shape: Tensor, weights: Tensor) -> Tensor:
    """Focal loss of the heat (as CenterNet has it) and the distance of sizes and offsets."""
    logits, size, offset = answer
    probability = torch.sigmoid(logits).clamp(1e-5, 1 - 1e-5)
    peak = (heat >= 1).float()
    count = peak.sum().clamp(min=1)
    right = (1 - probability) ** 2 * functional.logsigmoid(logits) * peak
    wrong = probability**2 * (1 - heat) ** 4 * functional.logsigmoid(-logits) * (1 - peak)
    focal = -((right + wrong) * weights[:, :1]).sum() / count
    near = weights[:, 1:]
    distance = (size - shape[:, :2]).abs() + 0.3 * (offset - shape[:, 2:]).abs()
    return focal + (distance * near).sum() / near.sum().clamp(min=1)


def rate(step: int, steps: int) -> float:
    """The learning rate: up over `WARM_UP` steps, level, and straight down over the last `FALL` of the steps.

    Up to the fall it does not depend on `steps`: a run that was begun with more can be ended earlier by saying fewer.
    """
    left = (steps - step) / (FALL * steps)
    return TOP_RATE * min((step + 1) / WARM_UP, 1.0, 0.01 + 0.99 * left)


def _painter(seed: int, first: int, steps: int, photos: Path | None, queue: Any) -> None:
    cv2.setNumThreads(1)
    files = sorted(photos.glob("*.png")) if photos else []
    pictures = [np.ascontiguousarray(cv2.imread(str(file))[..., ::-1]) for file in files]
    os.nice(10)
    for number in range(first // 2, -(-steps // 2)):
        queue.put(draw_batch(seed, number, pictures))


def batches(words: argparse.Namespace, first: int, end: int) -> Iterator[Batch]:
    """The batches from step `first` (an even one) to `end`, drawn ahead by another process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(maxsize=8)
    painter = context.Process(target=_painter, args=(words.seed, first, end, words.photos, queue), daemon=True)
    painter.start()
    if words.pids is not None:
        words.pids.write_text(f"{os.getpid()}\n{painter.pid}\n")
    for _ in range(first, end, 2):
        batch = queue.get(timeout=600)  # a painter that died shows here
        yield batch
        yield mirrored(batch)


def train(words: argparse.Namespace) -> None:
    """Train for `steps` steps, or `until` one of them; OUT/last.pt is renewed every `SAVED`."""
    out, steps, end = words.out, words.steps, words.until or words.steps
    torch.manual_seed(words.seed)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    net, average = PlateNet().to(memory_format=torch.channels_last), PlateNet()
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=TOP_RATE, weight_decay=1e-4)
    first = _resume(out, net, average, optimiser)
    started, mean = time.monotonic(), 0.0
    for step, parts in enumerate(batches(words, first, end), first):
        pictures, heat, shape, weights = (torch.from_numpy(part) for part in parts)
        for group in optimiser.param_groups:
            group["lr"] = rate(step, steps)
        answer = net((pictures.float() * SCALE).contiguous(memory_format=torch.channels_last))
        loss = loss_of(answer, heat, shape, weights)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        _follow(average, net, min(AVERAGING, step / (step + 10)))
        mean = loss.item() if step == first else 0.99 * mean + 0.01 * loss.item()
        if (step + 1) % 100 == 0:
            print(
                step + 1, f"{mean:.4f}", f"{(time.monotonic() - started) / (step + 1 - first):.3f} s a step", flush=True
            )
        if (step + 1) % SAVED == 0 or step + 1 == end:
            state = {
                "step": step + 1,
                "net": net.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
            }
            torch.save(state, out / "new.pt")
            (out / "new.pt").replace(out / "last.pt")


def _resume(out: Path, net: PlateNet, average: PlateNet, optimiser: torch.optim.Optimizer) -> int:
    if not (out / "last.pt").is_file():
        return 0
    state = torch.load(out / "last.pt", weights_only=True)
    net.load_state_dict(state["net"])
    average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


@torch.no_grad()
def _follow(average: PlateNet, net: PlateNet, keep: float) -> None:
    for kept, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - keep)
        else:
            kept.copy_(new)


def main() -> None:
    """Read the words of the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--photos", type=Path, help="a folder of PNG pictures without plates (frames.py)")
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--until", type=int, help="stop after this step, with the rate of --steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pids", type=Path, help="write the ids of both processes here")
    words = parser.parse_args()
    words.out.mkdir(parents=True, exist_ok=True)
    train(words)


if __name__ == "__main__":
    main()
