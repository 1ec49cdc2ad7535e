"""Write a trained net as ONNX: export.py OUT/last.pt plates.onnx. The weights are the running average; norms are folded in."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import torch
from net import SCALE, PlateNet


def export(state: Path, onnx: Path) -> str:
    """Write the ONNX file; returns its sha256."""
    net = PlateNet().eval()
    net.load_state_dict(torch.load(state, weights_only=True)["average"])
    net.fold_scale(SCALE)
    outputs = ["heat", "size", "offset"]
    free = {2: "height", 3: "width"}
    quarter = {2: "height_4", 3: "width_4"}
    torch.onnx.export(
        net, (torch.zeros(1, 3, 320, 320),), str(onnx), dynamo=False, opset_version=17, input_names=["picture"],
        output_names=outputs, dynamic_axes={"picture": free, **dict.fromkeys(outputs, quarter)},
    )  # fmt: skip
    return hashlib.sha256(onnx.read_bytes()).hexdigest()


def main() -> None:
    """Read the words of the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("onnx", type=Path)
    words = parser.parse_args()
    print(export(words.state, words.onnx))


if __name__ == "__main__":
    main()
