"""One way of tampering, with what a verification must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from privmask import Verdict
from tests.tampering.copies import Kind
from tests.tampering.scene import Scene, check_of

Attacker: TypeAlias = Literal["outsider", "insider"]
"""An outsider changes files and signs nothing in the office's name; an insider holds the key, and states what is there now."""

Tamper: TypeAlias = Callable[[Scene], object]


@dataclass(frozen=True, slots=True)
class Vector:
    """`tamper` changes a good scene; then check number `check` must FAIL with `words` in its reason.

    `original` says that it takes the original to see it: a recipient who has none is deceived.
    """

    tamper: Tamper
    attacker: Attacker
    check: int
    words: str
    kind: Kind = "film"
    original: bool = False

    @property
    def name(self) -> str:
        """What is done, by whom, to what."""
        return f"{self.tamper.__name__.replace('_', ' ')} ({self.attacker}, {self.kind})"

    def apply(self, scene: Scene) -> None:
        """Tamper with the scene; then an insider states and signs what is there now, and an outsider corrects SHA256SUMS."""
        self.tamper(scene)
        if self.attacker == "insider":
            scene.restate()
        elif self.check != 6:
            scene.list_sums()

    def complaint(self, verdict: Verdict) -> str:
        """What is wrong with the verdict on this tampering; "" if it names it."""
        found = check_of(verdict, self.check)
        if verdict.holds:
            return "it passes"
        if found.outcome != "FAIL":
            return f"check {self.check} is {found.outcome}: {found.reason}"
        return "" if self.words in found.reason else f"check {self.check} does not say {self.words!r}: {found.reason}"


VECTORS: list[Vector] = []


def outsider(check: int, words: str, *kinds: Kind, original: bool = False) -> Callable[[Tamper], Tamper]:
    """Enter a function as vectors of an outsider, one for each kind of copy."""
    return _entered("outsider", check, words, kinds, original)


def insider(check: int, words: str, *kinds: Kind, original: bool = False) -> Callable[[Tamper], Tamper]:
    """Enter a function as vectors of an insider, one for each kind of copy."""
    return _entered("insider", check, words, kinds, original)


def _entered(
    attacker: Attacker, check: int, words: str, kinds: tuple[Kind, ...], original: bool
) -> Callable[[Tamper], Tamper]:
    def enter(tamper: Tamper) -> Tamper:
        VECTORS.extend(Vector(tamper, attacker, check, words, kind, original) for kind in kinds or ("film",))
        return tamper

    return enter
