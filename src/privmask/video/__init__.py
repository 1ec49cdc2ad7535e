"""Footage in, footage out: the only room that knows FFmpeg (through PyAV).

`open_video` opens foreign footage as if it were hostile and gives its pictures as fresh `Frame`s, in the order of
presentation, each with the time at which it appears and the time at which the next one does. `write_video` takes masked
frames only and writes a copy with the same size, times, colours, aspect, rotation and field order, and nothing else of the
original. Nothing of PyAV leaves this room but as an opaque `carrier`. It knows nothing of masks, plans or statements: it
never decides what is hidden, it only refuses footage in which hiding would not be safe.
"""

from privmask.video.cameras import Camera, check_address, open_camera, shown_address
from privmask.video.containers import container_of
from privmask.video.contents import strange_contents
from privmask.video.copy import Sink, StreamDone, Tally, require_carried, write_video, written
from privmask.video.encoders import codec_for, ffmpeg_version, known_encoders
from privmask.video.flowing import Moment, Piece
from privmask.video.live import Dropped, LiveSource
from privmask.video.mixing import Passing
from privmask.video.original import Reading, Source, VideoInfo, open_video
from privmask.video.packets import Gop, PacketHashes, hash_packets, length_of
from privmask.video.parts import JointSink, Part, join_video, rate_of, write_part
from privmask.video.passable import is_held, open_passing, passing_of, unsuited
from privmask.video.piped import PipedSource, open_pipe
from privmask.video.piping import Piped
from privmask.video.probing import inspect
from privmask.video.route import OpenRoute, Route
from privmask.video.sections import SECTIONED, Cutter, Sections
from privmask.video.settings import Writing
from privmask.video.sound import differing_sound
from privmask.video.streamed import ByteSink, Output, Streamed, StreamOutput, StreamSink
from privmask.video.survey import Group, Survey
from privmask.video.timetable import Timetable, tried
from privmask.video.travelling import hash_travelling

__all__ = [
    "SECTIONED",
    "ByteSink",
    "Camera",
    "Cutter",
    "Dropped",
    "Gop",
    "Group",
    "JointSink",
    "LiveSource",
    "Moment",
    "OpenRoute",
    "Output",
    "PacketHashes",
    "Part",
    "Passing",
    "Piece",
    "Piped",
    "PipedSource",
    "Reading",
    "Route",
    "Sections",
    "Sink",
    "Source",
    "StreamDone",
    "StreamOutput",
    "StreamSink",
    "Streamed",
    "Survey",
    "Tally",
    "Timetable",
    "VideoInfo",
    "Writing",
    "check_address",
    "codec_for",
    "container_of",
    "differing_sound",
    "ffmpeg_version",
    "hash_packets",
    "hash_travelling",
    "inspect",
    "is_held",
    "join_video",
    "known_encoders",
    "length_of",
    "open_camera",
    "open_passing",
    "open_pipe",
    "open_video",
    "passing_of",
    "rate_of",
    "require_carried",
    "shown_address",
    "strange_contents",
    "tried",
    "unsuited",
    "write_part",
    "write_video",
    "written",
]
