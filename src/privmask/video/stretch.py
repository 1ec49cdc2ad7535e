"""What is shown from a lost picture to the next clean key frame: pictures that are hidden whole, so none of them is decoded.

A decoder would show some of them, some in another order and some not at all, because what it knows of their order was lost too.
Their packets tell when each of them is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av


class Stretch:
    """The pictures of a stretch that begins with a loss; `held` are those that the decoder had when it came.

    `model` is a picture that stands for each one that is hidden.
    """

    def __init__(self, held: list[av.VideoFrame], model: av.VideoFrame) -> None:
        self._held, self._model = [(_time(picture), picture) for picture in held], model
        self._times: list[int] = []

    def add(self, packet: Any) -> None:
        """A packet of the stretch, which is one picture, if it is shown at all."""
        if packet.size and not packet.is_discard:
            self._times.append(packet.pts)

    def pictures(self) -> Iterator[tuple[av.VideoFrame, bool]]:
        """All of them in the order in which they are shown, and whether one has to be hidden because it is not known."""
        shown = [
            *((at, picture, False) for at, picture in self._held),
            *((at, self._model, True) for at in self._times),
        ]
        for at, picture, unknown in sorted(shown, key=lambda each: each[0]):
            picture.pts = at  # the model may itself be one that was held
            yield picture, unknown


def stretch_of(held: list[av.VideoFrame], last: av.VideoFrame | None) -> Stretch | None:
    """The stretch after these pictures, `last` being one before them; None where there is none to stand for others."""
    timed = [picture for picture in held if picture.pts is not None]
    model = timed[-1] if timed else last
    return None if model is None else Stretch(timed, model)


def _time(picture: av.VideoFrame) -> int:
    assert picture.pts is not None
    return picture.pts
