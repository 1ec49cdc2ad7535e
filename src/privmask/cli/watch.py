"""`privmask watch`: from words to a watch that goes on until it is asked to stop."""

from __future__ import annotations

from typing import Any

import typer

from privmask.cli import options, watch_words
from privmask.cli.helping import in_japanese
from privmask.cli.mask_for_site import Actor, Exception_, Request, SiteOfCopy
from privmask.cli.watch_running import asked_of, run_watch
from privmask.cli.watch_telling import print_status, print_unit
from privmask.errors import PlanError
from privmask.language import Text


@in_japanese(
    "録画装置のフォルダーを見続け、書き終わった映像の複写を1つずつ、時刻の順に作ります。\n\n"
    "何度知らされても、途中で止められても、1つの映像に複写は1つです。作れないものは飛ばさず、理由を OUT/quarantine に残します"
    "（原本には触れません。その知らせを消して始め直せば、もう一度試みます）。SIGTERM で、進行中のものを終えてから終了します。"
    "--site を付けると、privmask mask --site と同じ規程に従い、複写は保管庫に入ります。"
)
def watch(
    context: typer.Context,
    folder: watch_words.Folder,
    out: watch_words.Out,
    plan: options.PlanFile = None,
    camera: options.Camera = None,
    pattern: watch_words.PatternWord = None,
    time_zone: watch_words.TimeZone = None,
    recorder: watch_words.RecorderName = "auto",
    poll: watch_words.Poll = False,
    still: watch_words.Still = None,
    queue: watch_words.Queue = None,
    jobs: watch_words.Jobs = None,
    max_lag: watch_words.MaxLag = 3600,
    metrics: watch_words.MetricsAt = None,
    status_file: watch_words.StatusFile = None,
    once: watch_words.Once = False,
    again: watch_words.Again = False,
    faces: options.Faces = False,
    plates: options.Plates = False,
    min_face: options.MinFace = None,
    two_pass: options.TwoPass = False,
    type: options.Type = None,
    color: options.Color = None,
    audio: options.Audio = "drop",
    codec: options.Codec = "auto",
    lossless: options.Lossless = False,
    quality: options.Quality = None,
    preset: options.Preset = None,
    stream: options.Stream = None,
    damaged: options.Damaged = "fail",
    no_pass_through: options.NoPassThrough = False,
    no_self_check: options.NoSelfCheck = False,
    key: options.Key = None,
    agent: options.Agent = None,
    unsigned: options.Unsigned = False,
    site: SiteOfCopy = None,
    request: Request = None,
    exception: Exception_ = None,
    person: Actor = None,
    status: watch_words.ShowStatus = False,
    systemd: watch_words.Systemd = False,
) -> int:
    """Watch a recorder's folder, and make the copy of each segment when it is finished, one after the other in time.

    However often a segment is told of, and whatever is killed meanwhile, it has one copy. What cannot be masked is never passed
    over in silence: a notice in OUT/quarantine says why (the original is not touched; take the notice away and begin again to
    try anew). SIGTERM ends it when what is at work is done. With --site the rules of privmask mask --site hold, and copies go
    into the vault.
    """
    words = dict(locals())
    if status:
        return print_status(out)
    return print_unit(context, folder, out, queue) if systemd else _watch(words)


def _watch(words: dict[str, Any]) -> int:
    asked, site = asked_of(words), words["site"]
    under_rules = [words[name] for name in ("request", "exception", "person")]
    if site is None and any(word is not None for word in under_rules):
        raise PlanError(_ONLY_WITH_SITE)
    if site is None:
        return run_watch(asked)
    from privmask.cli.watch_for_site import watch_for_site

    return watch_for_site(asked, site, *under_rules)


_ONLY_WITH_SITE = Text(
    "--request、--exception、--as は --site とともに使います",
    "--request, --exception and --as are about a site's rules; name them with --site",
)
