"""`privmask live`: a camera in, its masked stream out."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privmask.cli import live_words, options
from privmask.cli.camera_address import address_of
from privmask.cli.finished import Finished
from privmask.cli.grouping import grouped
from privmask.cli.groups import Coded, Streamed
from privmask.cli.helping import in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from privmask.recorders.live import Terms
    from privmask.recorders.live_status import LiveStatus
    from privmask.streaming import Hiding
    from privmask.video import Writing


@grouped
@in_japanese(
    "カメラの映像から、私的空間などを隠した映像を流し続けます。"
    "\n\nURL は rtsp、rtsps、http、https（JPEG の連続）又は試験用の file です。RTSP は TCP だけを使います。"
    "出力は、RTSP サーバーへの送出（rtsp://…）、HLS の再生リスト（out.m3u8）、又は時刻を名前に入れたファイル"
    "（gate-%Y%m%d-%H%M%S.mp4。時刻は最初のコマが届いた時のこの機械の時計）です。ファイルは完成してから名前が付きます。"
    "\n\nつながりが切れると、間を空けてつなぎ直し、新しいファイルを始めます。壊れたコマと遅れたコマは、丸ごと捨てて数えます。"
    "検出器の失敗、合わせ直せない画面の変化、書き込めないディスクでは、そこで止まります。原本のファイルがないため、来歴も署名もありません。"
    "\n\nアドレスにあるパスワードは、記録にも状態にもエラーにも出さず、プロセスの一覧からも消します。初めから出さないためには、"
    "アドレスを標準入力で渡すか（-）、--credentials 又は環境変数 PRIVMASK_CAMERA（user:password）を使ってください。"
    "\n\n--faces と --plates は約1秒先まで調べてから隠すため、その分遅れます。"
)
def live(
    *,
    url: live_words.Url,
    output: live_words.OutputWord,
    streamed: Streamed,
    coded: Coded,
    segment: live_words.SegmentSeconds = None,
    credentials: live_words.Credentials = None,
    timeout: live_words.Timeout = 10.0,
    latest: live_words.Latest = 0.5,
    tries: live_words.Tries = None,
    stop_after: live_words.StopAfter = None,
    status: live_words.StatusFile = None,
    as_json: options.Json = False,
) -> int:
    """Hide private zones in what a camera sends, for as long as it is told to.

    URL is rtsp, rtsps, http or https (JPEG after JPEG), or file for trials; RTSP goes over TCP alone. OUTPUT is a server that
    takes RTSP (rtsp://…), a playlist (out.m3u8, HLS), or files with the time in their name (gate-%Y%m%d-%H%M%S.mp4), which is
    when their first frame arrived by this machine's clock. A file gets its name when it is whole.

    A connection that is lost is made again after a pause, and another file begins. Frames that are damaged or late are dropped
    whole, and counted. A detector that fails, pictures that change and cannot be fitted anew, or a full disk end it. There is
    no original file, and so no statement and no signature.

    A password in an address is in no log, status or error, and is taken out of the list of processes. So that it never is in
    it, give the address on standard input (-), or use --credentials or PRIVMASK_CAMERA=user:password.

    --faces and --plates look about a second ahead, and the stream is late by that much.
    """
    address = address_of(url, credentials)
    hiding = streamed.hiding()
    for word, number in (
        ("--segment", segment),
        ("--timeout", timeout),
        ("--latest", latest),
        ("--stop-after", stop_after),
    ):
        if number is not None and not _LEAST <= number <= _MOST:
            raise PlanError(_NO_SECONDS.with_(word=word, number=number))
    from privmask.recorders.live import Terms
    from privmask.recorders.live_status import LiveStatus
    from privmask.video import shown_address

    found = LiveStatus(shown_address(address), _wall())
    writing = coded.writing()
    terms = Terms(timeout, latest, stop_after, _file_of(address))
    stopped = _run(address, _Wish(output, segment, writing, hiding, tries, status), terms, found)
    answer(found.as_data(_wall(), running=False), _summary(found, stopped=stopped), as_json=as_json)
    return Finished(0)


@dataclass(frozen=True, slots=True)
class _Wish:
    output: str
    segment: float | None
    writing: Writing
    hiding: Hiding
    tries: int | None
    status: Path | None


def _run(address: str, wish: _Wish, terms: Terms, found: LiveStatus) -> bool:
    """Mask until the end; whether it was told to stop, which is how a stream without an end ends."""
    from privmask.cli.live_showing import Shower
    from privmask.recorders.live import Clocks, mask_live
    from privmask.recorders.live_outputs import output_for
    from privmask.recorders.patience import Patience

    clocks = Clocks(time.monotonic, _wall, time.sleep)
    with ExitStack() as opened:
        patience = Patience(random.random, wish.tries)
        out = output_for(wish.output, wish.segment, wish.writing, found, opened, patience, clocks)
        shower = opened.enter_context(Shower(found, wish.status))
        try:
            mask_live(address, out, wish.hiding, found, Patience(random.random, wish.tries), clocks, terms, shower.beat)
        except KeyboardInterrupt:
            return True
    return False


def _wall() -> datetime:
    return datetime.now().astimezone()


def _file_of(address: str) -> Callable[[], Any] | None:
    """What opens the file of a file:// address."""
    from urllib.parse import unquote, urlsplit

    from privmask.evidence import open_once

    parts = urlsplit(address)
    if parts.scheme != "file":
        return None
    return lambda: open_once(unquote(parts.path))


def _summary(status: LiveStatus, *, stopped: bool) -> str:
    masked, dropped = status.masked.as_data(), status.dropped
    lost = dropped.late + dropped.damaged + dropped.untimed + status.unsent
    told = _DONE.with_(
        frames=status.frames, lost=lost, connections=status.connections, p50=masked["p50_ms"], p99=masked["p99_ms"]
    )
    return said(told) + (said(_STOPPED) if stopped else "")


_LEAST, _MOST = 0.1, 1e8
_NO_SECONDS = Text(
    "{word}：{number} は使える秒数ではありません", "{word}: {number} is no number of seconds that can be meant"
)
_DONE = Text(
    "{frames} コマを隠して流しました（捨てたコマ {lost}、接続 {connections} 回、遅れ 中央値 {p50} ms、99% {p99} ms）",
    "{frames} frames were masked, {lost} dropped, {connections} connections; late by {p50} ms (half of them), {p99} ms (99 %)",
)
_STOPPED = Text("。中断の合図で終わりました", "; it was told to stop")
