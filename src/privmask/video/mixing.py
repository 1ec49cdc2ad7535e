"""Writing a clip of which some groups of pictures travel as they are, and the others are encoded between them.

The encoder has sets of parameters of its own, so that packets which travel need not be changed. In H.264 all sets stand in the
stream's header, each with another number. Encoders of H.265 know no other numbers: there the sets stand before each key frame,
and so they do of both codecs in MPEG-TS, where streams have no header.

Every packet is decoded when, so many frames earlier as pictures are reordered, a frame is shown. So times of decoding need no
guess, whatever those of the original were.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import av

from privmask.errors import CopyError
from privmask.frame import MaskedFrame
from privmask.video.encoders import EncoderPlan, plan_encoder
from privmask.video.inband import decoded_at, delimited
from privmask.video.muxing import ClipOutput, rate_from
from privmask.video.nals import Avc, units_of, with_start_codes
from privmask.video.original import Source, VideoInfo
from privmask.video.route import OpenRoute, Route, Run
from privmask.video.settings import CodecWish, Writing
from privmask.video.survey import Survey
from privmask.video.travelling import Traveller

_I_PICTURE = 1


@dataclass(frozen=True, slots=True)
class Passing:
    """The groups of an original, and the way that its frames go, known before or decided on the way."""

    survey: Survey
    route: Route | OpenRoute

    def settled(self) -> Passing:
        """The same with the route that it came to be."""
        return replace(self, route=self.route.settled())


class MixedOutput(ClipOutput):
    """A clip in the making that takes the painted frames of a route, and fetches the others from the original."""

    def __init__(self, path: str, like: Source, writing: Writing, passing: Passing) -> None:
        super().__init__(path, like, writing)
        self.survey, self.route = passing.survey, passing.route
        seconds = (pts * self.route.time_base for pts in self.route.times)
        self._times = [self._clock.stamp(index, time) for index, time in enumerate(seconds)]
        self._in_ts = writing.container == "mpegts"
        self._traveller = Traveller(like.file, like.info.stream, self.survey, in_band=self._in_ts)
        self._depth = self.survey.depth_of(self.route.may_travel)
        self._done = 0
        self._encoded: list[int] = []
        self._sets: list[bytes] = []

    def finish(self) -> None:
        """Encode what is left, let pass what is left, write the index and close the file. Raises CopyError."""
        if self._container is None:
            self._open(rate_of(self.route))
        self._mux(list(self._left()))
        self._go_on()
        if not self.route.is_whole:
            raise CopyError(f"{len(self.route.times)} frames were announced, and fewer came")
        if (run := self._run) is not None:
            raise CopyError(f"the encoder gave no packets for {len(run) - len(self._encoded)} frames")
        if self.audio:
            self.audio.finish()
        self._close()
        self._traveller.close()

    def abandon(self) -> None:
        """Let go of both files as they are."""
        self._traveller.close()
        super().abandon()

    def _stamp(self, frame: MaskedFrame) -> int:
        return self._times[frame.index]

    def _picture(self, frame: MaskedFrame) -> av.VideoFrame:
        picture = super()._picture(frame)
        if frame.index in self.route.starts:
            picture.pict_type = _I_PICTURE
        return picture

    def _planned(self, rate: Fraction) -> EncoderPlan:
        plan = plan_like(self._info, self._writing, rate)
        options = dict(plan.options)
        words = [options.get(key := f"{plan.encoder[3:]}-params", "")]
        if isinstance(self.survey.syntax, Avc):
            words.append(f"sps-id={self.survey.syntax.free_id}")
        else:
            words.append("open-gop=0")
        words.append("bframes=0" if self._depth == 0 else "b-pyramid=0" if self._depth == 1 else "")
        options |= {key: ":".join(filter(None, words)), "forced-idr": "1"}
        return replace(plan, options=options)

    def _cut(self, plan: EncoderPlan) -> None:
        """What is encoded lies between what travels, and is one section."""

    def _open(self, rate: Fraction) -> None:
        super()._open(rate)
        context = self._stream.codec_context
        self._sets = [unit for unit in units_of(bytes(context.extradata), 0) if self.survey.syntax.is_set(unit)]
        ours, theirs = self._sets, [unit for _, unit in sorted(self.survey.syntax.sets.items())]
        if isinstance(self.survey.syntax, Avc):
            # The header of an mp4 file names the profile and level of the first set: the highest of them comes first.
            both = sorted([*ours, *theirs], key=lambda unit: (unit[0] & 31, *(-byte for byte in unit[1:4:2])))
            context.extradata = with_start_codes(both)
        else:
            context.extradata = with_start_codes(theirs if self.route.runs[0].copied else ours)

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            self._go_on()
            if (run := self._run) is None:
                raise CopyError("the encoder gave more packets than it got frames")
            units = [unit for unit in units_of(bytes(packet), 0) if self.survey.syntax.is_picture(unit)]
            clean = self.survey.syntax.starts_clean(units)
            number = run.start + len(self._encoded)
            if not self._encoded and not clean:
                raise CopyError(f"the encoder began at frame {number} without a key frame")
            if clean and (self._in_ts or not isinstance(self.survey.syntax, Avc)):
                units = [*self._sets, *units]
            self._encoded.append(packet.pts)
            self._write(number, units, packet.pts, clean=clean)

    @property
    def _run(self) -> Run | None:
        """The run that is being written, None after the last one."""
        return self.route.runs[self._done] if self._done < len(self.route.runs) else None

    def _go_on(self) -> None:
        """End the run of which all packets are there, and write what travels until the next packet that was encoded.

        A run may grow until another follows it, and what is encoded comes later than what was decided before it.
        """
        while (run := self._run) is not None and (self._done + 1 < len(self.route.runs) or self.route.is_whole):
            if run.copied:
                self._let_pass(run)
            elif len(self._encoded) == len(run):
                self._end(run)
            else:
                return
            self._done += 1

    def _end(self, run: Run) -> None:
        if sorted(self._encoded) != self._times[run.start : run.stop]:
            raise CopyError(f"the encoder gave packets of other frames than {run.start} to {run.stop - 1}")
        self._encoded.clear()

    def _let_pass(self, run: Run) -> None:
        for number, units in self._traveller.packets(run):
            pts = self._times[bisect_left(self.survey.times, self.survey.order[number])]
            self._write(number, units, pts, clean=number in self.survey.cleans)

    def _write(self, number: int, units: Sequence[bytes], pts: int, *, clean: bool) -> None:
        assert self._container is not None
        packet = av.Packet(delimited(self.survey.codec, units) if self._in_ts else with_start_codes(units))
        packet.stream, packet.time_base = self._stream, self._clock.time_base
        packet.pts, packet.dts = pts, self._decoded_at(number)
        if self._in_ts:
            packet.dts = decoded_at(packet.dts, number, self._times[0])
        packet.duration = self._lasts(pts)
        packet.is_keyframe = clean
        if packet.dts > pts:
            raise CopyError(f"packet {number} would be decoded after it is shown")
        self._container.mux(packet)
        self.packets += 1
        if self.audio:
            self.audio.write_until(pts * self._clock.time_base)

    def _decoded_at(self, number: int) -> int:
        early = number - self._depth
        if early >= 0:
            return self._times[early]
        step = self._times[1] - self._times[0] if len(self._times) > 1 else 1
        return self._times[0] + early * step

    def _lasts(self, pts: int) -> int:
        after = bisect_right(self._times, pts)
        if after < len(self._times):
            return self._times[after] - pts
        return round(self.route.last * self.route.time_base / self._clock.time_base)


def plan_like(info: VideoInfo, writing: Writing, rate: Fraction) -> EncoderPlan:
    """The encoder for the same codec as the original's; raises UnsupportedFootageError if it does not carry the picture."""
    codec: CodecWish = "hevc" if info.codec == "hevc" else "h264"
    return plan_encoder(info, replace(writing, codec=codec), rate)


def rate_of(route: Route | OpenRoute) -> Fraction:
    """Frames per second as the first two frames have it."""
    if len(route.times) < 2:
        return Fraction(25)
    return rate_from((route.times[1] - route.times[0]) * route.time_base)
