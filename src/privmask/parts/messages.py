"""What a worker says, as JSON: it reads hostile footage, so that its words are taken as an enemy's, and never unpickled."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

from privmask import errors
from privmask.checking import Findings
from privmask.errors import FootageError, LateFieldsError, PlanError, PrivmaskError
from privmask.failures import in_both
from privmask.language import Text
from privmask.parts.orders import Done, Failed, Looked, Message, Ready, Searched
from privmask.video import Part

LONGEST = 64 << 20
"""Bytes of one message. A packet of a section is named in some 40."""


def to_bytes(message: Message) -> bytes:
    """The message as it goes over the wire."""
    match message:
        case Ready():
            data: dict[str, Any] = {}
        case Part(header, packets):
            data = {"header": b64encode(header).decode(), "packets": packets}
        case Failed(error):
            said = in_both(error)
            order = error.order if isinstance(error, LateFieldsError) else None
            data = {"kind": type(error).__name__, "ja": said.ja, "en": said.en, "order": order}
        case Looked(frames):
            from privmask.parts.found import as_data

            data = {"frames": [as_data(each) for each in frames]}
        case Searched(card):
            data = {"card": card}
        case _:
            data = asdict(message)
    return json.dumps({"says": type(message).__name__, **data}).encode("utf-8", "surrogatepass")


def from_bytes(text: bytes) -> Message:
    """The message; ValueError for anything that no worker of ours says."""
    match json.loads(text):
        case {"says": "Ready"}:
            return Ready()
        case {"says": "Done", "frames": int(frames)}:
            return Done(frames)
        case {"says": "Part", "header": str(header), "packets": list(packets)}:
            return Part(b64decode(header, validate=True), tuple(map(_packet, packets)))
        case {"says": "Failed", "kind": str(kind), "ja": str(ja), "en": str(en), "order": str() | None as order}:
            return Failed(_error(kind, Text(ja, en), order))
        case {"says": "Looked", "frames": list(frames)}:
            from privmask.parts.found import from_data

            return Looked(tuple(map(from_data, frames)))
        case {"says": "Searched", "card": dict() as card} if all(isinstance(each, dict) for each in card.values()):
            return Searched(card)
        case {"says": "Findings", **told}:
            return _findings(told)
        case _:
            raise ValueError("it said something that no worker says")


def _packet(told: Any) -> tuple[int, int, int, bool, int]:
    match told:
        case [int(pts), int(dts), int(duration), bool(is_key), int(size)] if size > 0:
            return pts, dts, duration, is_key, size
        case _:
            raise ValueError("it told of a packet that is none")


def _findings(told: dict[Any, Any]) -> Findings:
    match told:
        case {
            "frames": int(frames),
            "psnr": int() | float() as psnr,
            "psnr_frame": int(psnr_frame),
            "residual": int() | float() as residual,
            "residual_frame": int(residual_frame),
            "residual_place": [int(row), int(column)],
            "faults": [],
        }:
            return Findings(frames, float(psnr), psnr_frame, float(residual), residual_frame, (row, column))
        case _:
            raise ValueError("it told of findings that are none")


def _error(kind: str, said: Text, order: str | None) -> PrivmaskError:
    found = getattr(errors, kind, FootageError)
    if found is LateFieldsError and order in ("tt", "bb"):
        return LateFieldsError(str(said), order)  # type: ignore[arg-type]  # one of the two
    if found is PlanError:
        return PlanError(said)
    known = isinstance(found, type) and issubclass(found, PrivmaskError) and found is not LateFieldsError
    return found(said) if known else FootageError(said)
