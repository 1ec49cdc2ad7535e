"""What is said of a search, and of tracks that were given."""

from __future__ import annotations

from collections.abc import Mapping

from privmask.language import Text
from privmask.sighting import NAMES, Label


def found_tracks(found: Mapping[Label, int]) -> Text:
    """How many tracks of each label were found and hidden."""
    ja = "、".join(f"{NAMES[label].ja} {count}" for label, count in found.items())
    en = ", ".join(f"{count} {label}" for label, count in found.items())
    return _FOUND.with_(found=Text(ja or "なし", en or "no"))


_FOUND = Text(
    "見つけて隠した軌跡：{found}。検出器は全てを見つけるとは限りません。渡す前に複写を見てください",
    "{found} tracks were found and hidden; no detector finds everything, so look at the copy before it leaves",
)
UNNAMED = Text(
    "本人の軌跡を残すには、軌跡のファイルがこの映像のものであると分からなければなりません。"
    "privmask detect で作り直してください",
    "where a track is to stay visible, the file of tracks has to say which clip it is of; make it with privmask detect",
)
ANOTHER_CLIP = Text(
    "軌跡のファイルは {name} とは別の映像（sha256 {said}）のものです（この映像は {sha256}）。この映像のものを指定するか、"
    "1行目の original_sha256 を除いてください",
    "the file of tracks was made of another clip than {name}: of one with sha256 {said}, and this one has {sha256}; "
    "name its own, or take original_sha256 out of its first line",
)
MATCHED_NOTHING = Text(
    "keep {name}：映像全体で1つも当てはまりません。除くか、直してください",
    "keep {name}: matched nothing in the whole clip; take it out, or correct it",
)
NO_TRACKS = Text(
    'dynamic：model = "none" は軌跡のファイルにあるものを隠しますが、ファイルがありません。--tracks で指定してください',
    'dynamic: model = "none" hides what a file of tracks says, and none was given; name one with --tracks',
)
NO_TRACK = Text(
    "keep {name}：軌跡のファイルに軌跡 {track} はありません",
    "keep {name}: there is no track {track} in a file of tracks",
)
DOUBTFUL = Text(
    "keep {name}：軌跡 {track} は、続けて映った別々の人かもしれないため、隠したままにします",
    "keep {name}: track {track} is doubtful: it may be several people, one after the other, so that it stays hidden",
)
NOT_FINDABLE = Text("dynamic：この検出器は {labels} を探せません", "dynamic: the detector cannot find {labels}")
