"""The plate detector's net: fully convolutional, 0.55 M parameters, one answer for every 4 × 4 px. Needs torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SCALE = 1 / 127.5
"""What a picture of 0…255 is multiplied with."""

STEM, QUARTER, EIGHTH, SIXTEENTH, THIRTY_SECOND = 16, 16, 48, 96, 128  # channels at each stride


class Step(nn.Sequential):
    """Convolution, norm, rectifier."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        padding = kernel // 2
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
        )


class Residual(nn.Module):
    """Half the channels by 1 × 1, back by 3 × 3, added to the input."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.inner = Step(channels, channels // 2, 1)
        self.outer = nn.Conv2d(channels // 2, channels, 3, 1, dilation, dilation, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape again."""
        return functional.relu(x + self.norm(self.outer(self.inner(x))))


class PlateNet(nn.Module):
    """RGB 0…2 float32 (n, 3, H, W), whole 32s, to heat (n, 1, H/4, W/4), log size and offset (n, 2, H/4, W/4)."""

    def __init__(self) -> None:
        super().__init__()
        self.to_eighth = nn.Sequential(
            Step(3, STEM, stride=2), Step(STEM, QUARTER, stride=2), Step(QUARTER, EIGHTH, stride=2), Residual(EIGHTH)
        )
        self.to_sixteenth = nn.Sequential(Step(EIGHTH, SIXTEENTH, stride=2), Residual(SIXTEENTH))
        self.to_thirty_second = nn.Sequential(
            Step(SIXTEENTH, THIRTY_SECOND, stride=2), *(Residual(THIRTY_SECOND, dilation) for dilation in (1, 2, 1))
        )
        self.from_thirty_second = nn.Conv2d(THIRTY_SECOND, SIXTEENTH, 1)
        self.mix_sixteenth = Residual(SIXTEENTH)
        self.from_sixteenth = nn.Conv2d(SIXTEENTH, EIGHTH, 1)
        self.mix_eighth = nn.Sequential(Residual(EIGHTH), Residual(EIGHTH))
        self.head = nn.Conv2d(EIGHTH, 5 * 4, 1)
        with torch.no_grad():
            assert self.head.bias is not None
            self.head.bias.zero_()
            self.head.bias[:4] = -4.6  # a heat of .01 everywhere to begin with

    def fold_scale(self, scale: float) -> None:
        """Take pictures as they are instead of times `scale`: nothing is left to do before the first convolution."""
        with torch.no_grad():
            self.to_eighth[0][0].weight.mul_(scale)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Heat (before the sigmoid while training), log(size / 4) as width and height, offset as x and y in cells."""
        eighth = self.to_eighth(x)
        sixteenth = self.to_sixteenth(eighth)
        deep = self.from_thirty_second(self.to_thirty_second(sixteenth))
        sixteenth = self.mix_sixteenth(functional.relu(sixteenth + functional.interpolate(deep, scale_factor=2.0)))
        deep = self.from_sixteenth(sixteenth)
        eighth = self.mix_eighth(functional.relu(eighth + functional.interpolate(deep, scale_factor=2.0)))
        out = functional.pixel_shuffle(self.head(eighth), 2)
        heat = out[:, :1] if self.training else torch.sigmoid(out[:, :1])
        return heat, out[:, 1:3], out[:, 3:]
