"""`privmask watch`: from words to a watch that goes on until it is asked to stop."""

from __future__ import annotations

import typer

from privmask.cli import watch_words
from privmask.cli.grouping import grouped
from privmask.cli.groups import NO_RULES, Ruled
from privmask.cli.helping import in_japanese
from privmask.cli.watch_running import Asked, run_watch
from privmask.cli.watch_telling import print_status, print_unit
from privmask.errors import PlanError
from privmask.language import Text


@grouped
@in_japanese(
    "録画装置のフォルダーを見続け、書き終わった映像の複写を1つずつ、時刻の順に作ります。\n\n"
    "何度知らされても、途中で止められても、1つの映像に複写は1つです。作れないものは飛ばさず、理由を OUT/quarantine に残します"
    "（原本には触れません。その知らせを消して始め直せば、もう一度試みます）。SIGTERM で、進行中のものを終えてから終了します。"
    "--site を付けると、privmask mask --site と同じ規程に従い、複写は保管庫に入ります。"
)
def watch(
    context: typer.Context,
    *,
    asked: Asked,
    ruled: Ruled,
    status: watch_words.ShowStatus = False,
    systemd: watch_words.Systemd = False,
) -> int:
    """Watch a recorder's folder, and make the copy of each segment when it is finished, one after the other in time.

    However often a segment is told of, and whatever is killed meanwhile, it has one copy. What cannot be masked is never passed
    over in silence: a notice in OUT/quarantine says why (the original is not touched; take the notice away and begin again to
    try anew). SIGTERM ends it when what is at work is done. With --site the rules of privmask mask --site hold, and copies go
    into the vault.
    """
    if status:
        return print_status(asked.out)
    return print_unit(context, asked.folder, asked.out, asked.queue) if systemd else _watch(asked, ruled)


def _watch(asked: Asked, ruled: Ruled) -> int:
    asked.require_one_recorder()
    if ruled.site is not None:
        from privmask.cli.watch_for_site import watch_for_site

        return watch_for_site(asked, ruled.site, ruled.request, ruled.exception, ruled.person)
    if ruled != NO_RULES:
        raise PlanError(_ONLY_WITH_SITE)
    return run_watch(asked)


_ONLY_WITH_SITE = Text(
    "--request、--exception、--as は --site とともに使います",
    "--request, --exception and --as are about a site's rules; name them with --site",
)
