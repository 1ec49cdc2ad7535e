"""Memory of pictures, used again as soon as nobody refers to it.

Left to the C library, a picture's memory is taken by one thread and freed by another, between smaller things: over ten minutes
of 1080p a third of what a job holds was such memory, free, but in pieces too small for the next picture.
"""

from __future__ import annotations

import mmap
import weakref
from collections import deque

import av
import numpy as np

from privmask.frame import PixelFormat
from privmask.geometry import Size

_ROW = 128
"""Bytes of which rows of luma are whole multiples, so that those of chroma begin where FFmpeg's kernels like it."""


class Carriers:
    """Gives out picture buffers: for common pictures, memory that it gave out before and that came back."""

    def __init__(self) -> None:
        self._free: deque[mmap.mmap] = deque()

    def new(self, size: Size, format: PixelFormat) -> av.VideoFrame:
        """A picture without a time, side data or a picture type, which nobody else refers to; its samples may be anything.

        Its memory comes back by itself, once the picture, every view of its planes and every encoder has let go of it.
        """
        if format.name != "yuv420p" or size.width % 2 or size.height % 4:
            return av.VideoFrame(size.width, size.height, format.name)
        stride = -(-size.width // _ROW) * _ROW
        samples = self._samples(stride * size.height * 3 // 2)
        return av.VideoFrame.from_numpy_buffer(samples.reshape(-1, stride), format.name, size.width)

    def _samples(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        memory = self._taken(count)
        samples = np.frombuffer(memory, np.uint8)
        # Views refer to `samples`, and never around it to the memory, because that is no array.
        weakref.finalize(samples, self._free.append, memory).atexit = False
        return samples

    def _taken(self, count: int) -> mmap.mmap:
        while self._free:
            memory = self._free.popleft()
            if len(memory) == count:
                return memory
        return mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
