"""What people are told of footage that cannot be masked, where it takes more than a line."""

from __future__ import annotations

from privmask.language import Text

NO_PICTURE = Text("復号できるコマが1つもありません", "the footage holds no picture that can be decoded")
COUNTED = Text(
    "この映像には時刻がないため、毎秒 {rate} コマとして数えました",
    "the footage has no time stamps; they were counted at {rate} frames a second",
)
MIXED = Text(
    "インターレースのコマと、そうでないコマがあります。複写では全てインターレースとします",
    "some pictures are interlaced and some are not; in the copy all are marked as interlaced",
)
HIDDEN_WHOLE = Text("コマを全部隠しました：{place}", "hidden whole: {place}")


def changes_inside(what: Text, index: int, seconds: float, was: str, now: str) -> Text:
    """That the pictures change in the middle, at frame `index`."""
    return _CHANGES.with_(what=what, index=index, seconds=f"{seconds:.3f}", was=was, now=now)


def damaged_at(index: int, what: Text, *, may_hide: bool) -> Text:
    """That the footage is damaged at about frame `index`; `what` was found there."""
    return _DAMAGED.with_(index=index, what=what, way=_HIDE if may_hide else Text("", ""))


def timed(seconds: Text, what: Text) -> Text:
    """What was found, and when that picture is shown."""
    return _TIMED.with_(seconds=seconds, what=what)


_TIMED = Text("{seconds}の画像：{what}", "at {seconds}: {what}")
_DAMAGED = Text(
    "映像が壊れています（コマ {index}、{what}）。このまま隠すと、隠すべき所が見えるおそれがあります{way}",
    "the footage is damaged at frame {index}, {what}; masking it could leave private parts open{way}",
)
_HIDE = Text(
    "。--damaged hide を付けると、壊れたコマを全面隠します", ". With --damaged hide such frames are hidden whole"
)
_CHANGES = Text(
    "映像の途中、{index}番のコマ（{seconds} 秒）で{what}が変わります（{was} から {now} へ）。領域が描いた所に来ません。"
    "先にそこで映像を分けてください",
    "the {what} changes inside the stream, at frame {index} ({seconds} s): it was {was} and is {now}; the zones would not "
    "lie where they were drawn. Cut the clip there first",
)
