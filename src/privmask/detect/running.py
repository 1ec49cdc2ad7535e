"""Running a session: what a model answers has to be numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.errors import DetectorError


def run(
    session: Any, names: Sequence[str] | None = None, /, **inputs: NDArray[np.float32]
) -> list[NDArray[np.float32]]:
    """The outputs of the session that are called `names`, or every one, in its order.

    Raises DetectorError where one is not finite: compared with a threshold it would only seem that nothing was found.
    """
    outputs: list[NDArray[np.float32]] = session.run(names, inputs)
    # What is no number is its array's least and its largest; to ask every element takes ten times as long.
    if not all(np.isfinite(output.min()) and np.isfinite(output.max()) for output in outputs if output.size):
        raise DetectorError("the model answered with something that is no number")
    return outputs
