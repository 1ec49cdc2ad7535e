"""Numbers as H.264 and H.265 write them into headers: bit by bit, the most significant first."""

from __future__ import annotations


class Bits:
    """Reads one unit's header from its first bit on; raises IndexError behind its last.

    `data` is the unit as it is stored: the bytes that keep start codes from appearing in it are taken out.
    """

    def __init__(self, data: bytes) -> None:
        clean = data.replace(b"\0\0\x03", b"\0\0")
        self._value, self._left = int.from_bytes(clean, "big"), 8 * len(clean)

    def take(self, count: int) -> int:
        """The next `count` bits, as a number."""
        if count > self._left:
            raise IndexError("the header ends too early")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def unsigned(self) -> int:
        """ue(v): as many zeros as bits follow the one (ITU-T H.264, 9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise IndexError("a number of more than 32 bits")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)
