"""The corridor of drift: a clip is held against its camera's reference picture, so that its zones lie where they were drawn.

A camera that was turned, moved or zoomed shows the neighbour's window beside the zone that hides it. Such a clip is refused,
and so is one that shows another view, or too little to tell. The original is only read.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.errors import DetectorError, PolicyError
from privmask.evidence import open_once
from privmask.language import Text
from privmask.masks import MaskPlan
from privmask.video import Reading, open_video

if TYPE_CHECKING:
    from privmask.detect.drift import Stretch, View

LIMIT = Fraction(3, 400)
"""Share of the width by which no corner of the picture may have moved: 14 samples of 1920."""


def require_same_view(
    clip: str | os.PathLike[str],
    reference: str | os.PathLike[str],
    *,
    limit: Fraction = LIMIT,
    reading: Reading | None = None,
    plan: MaskPlan | None = None,
    shown: str | os.PathLike[str] | None = None,
    told: Text | None = None,
) -> View:
    """How `clip` lies to the picture `reference` where it has moved most, which is not beyond `limit`.

    Raises `PolicyError` (II-2) where the camera has moved in any stretch of the clip, and where that cannot be told. Then both
    pictures are drawn side by side into the new PNG `shown`, if it is given, with the zones of `plan` hidden, and `told` says
    where that is to be seen, if not under its name. Raises `FootageError` for what cannot be read, `CopyError` where `shown`
    cannot be written, `DetectorError` where the extra `detect` is not installed.
    """
    stretches = look_along(clip, reference, reading=reading)
    moved = [each for each in stretches if each.view and each.view.farthest > limit]
    lost = [each for each in stretches if each.view is None]
    if not stretches:
        raise _refused(_NOTHING)
    if not moved and not lost:
        return max((each.view for each in stretches if each.view), key=lambda view: view.farthest)
    worst = max(moved, key=_farthest) if moved else lost[0]
    if shown is not None:
        _draw(clip, reference, worst, reading, plan, Path(shown))
    seen = told or (_SHOWN.with_(name=os.fspath(shown)) if shown is not None else Text("", ""))
    if worst.view is None:
        raise _refused(_ANOTHER if worst.shows else _UNSEEN, seconds=f"{worst.seconds:.1f}", seen=seen)
    raise _refused(
        _MOVED, seconds=f"{worst.seconds:.1f}", seen=seen, far=_percent(worst.view.farthest), limit=_percent(limit)
    )


def look_along(
    clip: str | os.PathLike[str], reference: str | os.PathLike[str], *, reading: Reading | None = None
) -> tuple[Stretch, ...]:
    """How each stretch of `clip` lies to the picture `reference`; none where all its frames are damaged."""
    try:
        from privmask.detect.drift import Glances
    except ImportError as cause:
        raise DetectorError(_NO_PACKAGES) from cause
    with open_once(Path(reference)) as file, open_video(file) as source:
        glances = Glances(next(source.frames()), source.info.picture)
    with open_once(Path(clip)) as file, open_video(file, reading or Reading()) as source:
        for frame in source.frames():
            glances.add(frame, source.info.picture)
    return tuple(glances.stretches())


def _farthest(stretch: Stretch) -> float:
    return stretch.view.farthest if stretch.view else 0.0


def _draw(
    clip: str | os.PathLike[str],
    reference: str | os.PathLike[str],
    worst: Stretch,
    reading: Reading | None,
    plan: MaskPlan | None,
    shown: Path,
) -> None:
    """The reference picture, and beside it the clip's at that moment."""
    from privmask.preview import save_new, still
    from privmask.turned import both_pictures

    seen = still(Path(clip), Fraction(worst.seconds), reading=reading)
    save_new(both_pictures(still(Path(reference)), seen, worst.view, plan or MaskPlan(())), shown)


def _percent(share: Fraction | float) -> str:
    return f"{float(share):.2%}"


def _refused(words: Text, **values: object) -> PolicyError:
    return PolicyError(words.with_(**values), clause="II-2")


_NO_PACKAGES = Text(
    "画像を比べるためのパッケージがありません：pip install 'privmask[detect]'",
    "the packages that compare pictures are missing; run: pip install 'privmask[detect]'",
)
_WAY_OUT = Text(
    "向きを元に戻すか、基準画像を撮り直し、私的空間の領域を確かめて、規程をもう一度採択してください（privmask policy adopt）。"
    "急ぐときは、管理責任者が理由を付けて例外とすることができます（--exception）",
    "turn it back, or take a new reference picture, look at the private zones, and adopt the rules again (privmask policy"
    " adopt); where it cannot wait, the manager can make an exception with a reason (--exception)",
)
_MOVED = Text(
    "カメラの向きが基準画像からずれています（{seconds}秒の所で画面の幅の{far}、許されるのは{limit}まで）。"
    "私的空間が、隠す領域から外れます{seen}。" + _WAY_OUT.ja,
    "the camera has moved since its reference picture was taken: at {seconds} s by {far} of the picture's width, and {limit} is"
    " allowed; the zones would miss what is private{seen}; " + _WAY_OUT.en,
)
_ANOTHER = Text(
    "{seconds}秒の所の画像は、基準画像とは別の所を写しています（別のカメラ、大きくずれたカメラ、裏返しの画像か、前を大きく遮られています）。"
    "私的空間が隠れるか確かめられません{seen}。" + _WAY_OUT.ja,
    "the picture at {seconds} s is not the view of the reference picture: it is another camera, or it was turned far, or the"
    " picture is flipped, or most of the view is blocked; whether the zones hide what is private is not known{seen}; "
    + _WAY_OUT.en,
)
_UNSEEN = Text(
    "{seconds}秒の所の画像は、暗すぎるか、明るすぎるか、覆われていて、基準画像と同じ所を写しているか分かりません。"
    "カメラがずれたとは限りませんが、私的空間が隠れるか確かめられません{seen}。その時刻を除いた録画を使うか、"
    "同じ明るさで基準画像を撮り直し、規程をもう一度採択してください（privmask policy adopt）。"
    "急ぐときは、管理責任者が理由を付けて例外とすることができます（--exception）",
    "at {seconds} s it cannot be told whether this is the view of the reference picture: too dark, too bright or covered. The"
    " camera need not have moved, but whether the zones hide what is private is not known{seen}; take a recording without that"
    " part, or take a new reference picture in such light and adopt the rules again (privmask policy adopt); where it cannot"
    " wait, the manager can make an exception with a reason (--exception)",
)
_NOTHING = Text(
    "壊れていない画像が1枚もないので、基準画像と比べられません",
    "no frame is undamaged, so that none can be held against the reference picture",
)
_SHOWN = Text("（比較の画像：{name}）", " (both pictures: {name})")
