"""What people are told of footage that cannot be masked, where it takes more than a line."""

from __future__ import annotations

from privmask.language import Text

NO_PICTURE = Text("復号できるコマが1つもありません", "the footage holds no picture that can be decoded")


def changes_inside(what: Text, index: int, seconds: float, was: str, now: str) -> Text:
    """That the pictures change in the middle, at frame `index`."""
    return _CHANGES.with_(what=what, index=index, seconds=f"{seconds:.3f}", was=was, now=now)


_CHANGES = Text(
    "映像の途中、{index}番のコマ（{seconds} 秒）で{what}が変わります（{was} から {now} へ）。領域が描いた所に来ません。"
    "先にそこで映像を分けてください",
    "the {what} changes inside the stream, at frame {index} ({seconds} s): it was {was} and is {now}; the zones would not "
    "lie where they were drawn. Cut the clip there first",
)
