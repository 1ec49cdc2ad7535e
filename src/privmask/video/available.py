"""Which encoders this machine's FFmpeg has: for `privmask doctor`."""

from __future__ import annotations

import av.codec

ENCODERS = {"h264": "libx264", "h264 (RGB)": "libx264rgb", "hevc": "libx265", "av1": "libsvtav1", "ffv1": "ffv1"}


def available_encoders() -> dict[str, str | None]:
    """For each codec of a copy the encoder's name, or None where this build of FFmpeg lacks it."""
    return {codec: encoder if _is_there(encoder) else None for codec, encoder in ENCODERS.items()}


def _is_there(encoder: str) -> bool:
    try:
        return av.codec.Codec(encoder, "w").is_encoder
    except av.codec.codec.UnknownCodecError:
        return False
