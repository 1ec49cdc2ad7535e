"""The words that several commands share and that go together, each group with what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from privmask.cli import coding, options
from privmask.cli.gathering import Moving, Way, gather_hiding, gather_plan
from privmask.cli.mask_for_site import Actor, Exception_, Request, SiteOfCopy
from privmask.cli.signing import signer_of

if TYPE_CHECKING:
    from datetime import datetime

    from privmask.batch import Options
    from privmask.evidence import Signer
    from privmask.masks import MaskPlan
    from privmask.streaming import Hiding
    from privmask.video import Reading, Writing


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for on every frame."""

    faces: options.Faces = False
    plates: options.Plates = False
    min_face: options.MinFace = None

    def moving(self, tracks: Path | None = None) -> Moving:
        """The same, with a file of tracks."""
        return Moving(faces=self.faces, plates=self.plates, min_face=self.min_face, tracks=tracks)


@dataclass(frozen=True, slots=True)
class Coded:
    """How a copy is coded."""

    codec: coding.Codec = "auto"
    lossless: coding.Lossless = False
    quality: coding.Quality = None
    preset: coding.Preset = None

    def writing(
        self,
        audio: Literal["drop", "keep"] = "drop",
        *,
        pass_through: bool = True,
        container: Literal["mp4", "matroska"] = "mp4",
    ) -> Writing:
        """How to write it."""
        from privmask.video import Writing

        return Writing(
            self.codec,
            container,
            quality=self.quality,
            preset=self.preset,
            lossless=self.lossless,
            audio=audio,
            pass_through=pass_through,
        )


@dataclass(frozen=True, slots=True)
class Read:
    """How an original is read."""

    stream: options.Stream = None
    damaged: options.Damaged = "fail"

    def reading(self) -> Reading:
        """How to read it."""
        from privmask.video import Reading

        return Reading(stream=self.stream, damaged=self.damaged)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signs."""

    key: coding.Key = None
    agent: coding.Agent = None
    unsigned: coding.Unsigned = False

    def signer(self) -> Signer | None:
        """The signer, None for nobody; raises as `signer_of` does."""
        return signer_of(self.key, self.agent, unsigned=self.unsigned)


@dataclass(frozen=True, slots=True, kw_only=True)
class EachCopy:
    """How each of many copies is made."""

    sought: Sought
    two_pass: options.TwoPass = False
    way: Way
    audio: coding.Audio = "drop"
    coded: Coded
    read: Read
    no_pass_through: coding.NoPassThrough = False
    no_self_check: coding.NoSelfCheck = False
    signed: Signed

    def options(self) -> Options:
        """What holds for every job."""
        from privmask.batch import Options

        writing = self.coded.writing(self.audio, pass_through=not self.no_pass_through)
        return Options(self.read.reading(), writing, self.two_pass, not self.no_self_check)

    def plan(self, clip: Path, plan: Path | None, camera: str | None) -> MaskPlan:
        """The plan for that clip, with what the command line adds."""
        return gather_plan(clip, plan, camera, [], self.sought.moving(), self.way, self.read.reading())


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """What is hidden in a stream."""

    plan: options.PlanFile = None
    camera: options.Camera = None
    zone: options.Zones = None
    sought: Sought
    way: Way

    def hiding(self, recorded_at: datetime | None = None) -> Hiding:
        """What is to be hidden, once the first picture is there."""
        return gather_hiding(self.plan, self.camera, self.zone or [], self.sought.moving(), self.way, recorded_at)


@dataclass(frozen=True, slots=True)
class Ruled:
    """Under which rules a copy is made, for what, and by whom."""

    site: SiteOfCopy = None
    request: Request = None
    exception: Exception_ = None
    person: Actor = None


NO_RULES = Ruled()
