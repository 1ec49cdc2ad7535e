"""Who looks on while a copy is verified keeps the frames that a person should see, and figures of the original only."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from privmask.checking import Findings
from privmask.differing import Differing
from privmask.frame import Frame
from privmask.geometry import Size
from privmask.masks import MaskPlan, fit_masks, hide
from tests.masks.made import box, frame, picture, plan, zone

OF = picture(Size(128, 96))
LEFT = plan(zone(box(0, 0, "0.5", "0.5")))
SECOND = plan(zone(box(0, 0, "0.5", "0.5")), zone(box("0.5", "0.5", 1, 1), token="late", start=Fraction(1, 25)))


def copied(one: Frame) -> Frame:
    return replace(one, planes=tuple(replace(plane, samples=plane.samples.copy()) for plane in one.planes))


def seen(pairs: list[tuple[Frame, Frame]], of: MaskPlan = LEFT, *, exact: bool = False) -> Differing:
    """What is kept of these frames of an original and of its copy, verified as `pictures` does: zones first, then the rest."""
    onlooker, masks = Differing(), fit_masks(of, OF, zero=Fraction(0))
    found = Findings()
    for _, copy in pairs:
        cover = masks.at(copy)
        found.look_inside(copy, cover, exact=exact)
        onlooker.look(found, cover, copy, None)
    found = Findings()
    for original, copy in pairs:
        cover = masks.at(copy)
        found.look_outside(original, copy, cover, exact=exact)
        onlooker.look(found, cover, copy, original)
    return onlooker


def pairs_of(count: int, of: MaskPlan = LEFT) -> list[tuple[Frame, Frame]]:
    masks = fit_masks(of, OF, zero=Fraction(0))
    originals = [frame(OF, seed=index, index=index) for index in range(count)]
    return [(one, hide(copied(one), masks.at(one))) for one in originals]


def test_of_an_honest_lossless_copy_there_is_nothing_to_point_at() -> None:
    found = seen(pairs_of(3), exact=True)
    assert found.inside is None
    assert found.cells is not None
    assert found.cells.steps.max() == 0
    assert found.outside is not None
    assert (found.outside.steps, found.outside.side) == (0, 0)
    assert found.frames == 3


def test_the_frame_and_the_square_that_differ_most_are_kept() -> None:
    pairs = pairs_of(4)
    for index, change in ((1, 4), (2, 32)):
        pairs[index][1].planes[0].samples[64:72, 80:88] ^= change
    worst = seen(pairs).outside
    assert worst is not None
    assert (worst.frame.index, worst.row, worst.column, worst.side) == (2, 64, 80, 8)
    assert worst.steps == 32
    assert worst.frame is pairs[2][1], "the copy's frame, and never the original's"


def test_what_differs_inside_a_zone_is_no_difference() -> None:
    pairs = pairs_of(2)
    pairs[1][0].planes[0].samples[:40, :60] ^= 255
    found = seen(pairs)
    assert found.cells is not None
    assert found.cells.steps.max() == 0


def test_a_zone_that_is_not_hidden_is_kept_with_its_place() -> None:
    pairs = pairs_of(3)
    pairs[1][1].planes[0].samples[16:32, 32:48] ^= 64
    inside = seen(pairs).inside
    assert inside is not None
    assert (inside.frame.index, inside.row, inside.column, inside.side) == (1, 16, 32, 16)


def test_an_encoders_loss_in_a_zone_is_no_fault_to_be_shown() -> None:
    pairs = pairs_of(2)
    pairs[1][1].planes[0].samples[16:32, 32:48] ^= 2
    assert seen(pairs).inside is None


def test_the_first_frame_on_which_most_masks_hold_is_shown() -> None:
    found = seen(pairs_of(4, SECOND), SECOND)
    assert found.shown is not None
    assert (found.shown.frame.index, found.shown.cover.tokens) == (1, ("zone", "late"))
