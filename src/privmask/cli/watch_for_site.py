"""`privmask watch --site`: each segment by the very command that a person would give, `privmask mask --site`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.cli.offices import office_of
from privmask.cli.passphrases import VARIABLE
from privmask.cli.signing import NO_KEY, signer_of
from privmask.cli.watch_running import Asked, require_folders, watch_with, zone_of
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.batch import Job
    from privmask.evidence import Signer
    from privmask.recorders.ledger import Ledger
    from privmask.recorders.watch import Worker


def watch_for_site(asked: Asked, site: Path, request: str | None, exception: str | None, person: str | None) -> int:
    """Watch one camera under a site's rules; copies go into its vault, for a request or as the manager's exceptions."""
    from privmask.masks import MaskPlan
    from privmask.recorders.governed import SiteWorker
    from privmask.recorders.intake import Wanted
    from privmask.recorders.names import pattern_of

    require_folders(asked)
    _require_words(asked, request, exception, person)
    signer = _signer_without_people(asked)
    with office_of(site, "watch") as office:
        office.vault()  # that it is there, while somebody may be asked for its passphrase
        zone = zone_of(asked.time_zone or office.site.site.timezone)
    folder, out = os.path.realpath(asked.folder), os.path.realpath(asked.out)
    pattern = pattern_of(asked.pattern)
    each = asked.each.options()
    wanted = Wanted(folder, out, lambda _: MaskPlan(()), pattern, each, asked.camera, zone, signer.key_id, timed=True)
    words = ["mask", *_words(asked, site, request, exception, person)]

    def worker(ledger: Ledger) -> Worker:
        doubtful = [ticket.path for ticket, _ in ledger.waiting()]
        return SiteWorker(words, doubtful, lambda job: _is_in_register(site, job, asked.camera or ""))

    return watch_with(asked, wanted, worker, 1, signer)


def _require_words(asked: Asked, request: str | None, exception: str | None, person: str | None) -> None:
    if asked.each.signed.unsigned or asked.each.no_self_check:
        raise PlanError(_PROVED)
    missing = [word for word, given in (("--camera", asked.camera), ("--as", person)) if not given]
    if request is None and exception is None:
        missing.append("--request / --exception")
    if missing:
        raise PlanError(_NEEDED.with_(words=", ".join(missing)))


def _signer_without_people(asked: Asked) -> Signer:
    """The key, which each process will have to unlock without asking anybody."""
    from privmask.evidence import KeyFileSigner
    from privmask.evidence.keyring import default_key

    key, agent = asked.each.signed.key, asked.each.signed.agent
    if agent is None and VARIABLE not in os.environ:
        path = key or default_key()
        if path is None:
            raise PlanError(NO_KEY)
        return KeyFileSigner(path)
    signer = signer_of(key, agent, unsigned=False)
    assert signer is not None
    return signer


def _words(asked: Asked, site: Path, request: str | None, exception: str | None, person: str | None) -> Iterator[str]:
    """What `privmask mask` is told for every segment."""
    each = asked.each
    given = {
        "--site": site.absolute(),
        "--camera": asked.camera,
        "--as": person,
        "--request": request,
        "--exception": exception,
        "--plan": asked.plan and asked.plan.absolute(),
        "--type": each.way.type,
        "--color": each.way.color,
        "--min-face": each.sought.min_face,
        "--audio": each.audio,
        "--codec": each.coded.codec,
        "--quality": each.coded.quality,
        "--preset": each.coded.preset,
        "--stream": each.read.stream,
        "--damaged": each.read.damaged,
        "--key": each.signed.key and each.signed.key.absolute(),
        "--agent": each.signed.agent and each.signed.agent.absolute(),
    }
    for word, value in given.items():
        yield from () if value is None else (word, str(value))
    flags = {
        "--faces": each.sought.faces,
        "--plates": each.sought.plates,
        "--two-pass": each.two_pass,
        "--lossless": each.coded.lossless,
        "--no-pass-through": each.no_pass_through,
        "--json": True,
    }
    yield from (word for word, said in flags.items() if said)


def _is_in_register(site: Path, job: Job, camera: str) -> bool:
    """Whether the register tells of a copy of these very bytes, of that camera and time."""
    from privmask.recorders.desk import hash_of

    content, at = hash_of(job.original), job.recorded_at and job.recorded_at.isoformat()
    with office_of(site, "watch") as office:
        return any(
            (entry.value("original.sha256"), entry.value("camera"), entry.value("recorded_at")) == (content, camera, at)
            for entry in office.register.entries(kind="copy")
        )


_PROVED = Text(
    "規程に従う複写には、署名と自己検査が要ります（--unsigned と --no-self-check は使えません）",
    "a copy under a site's rules is signed and checked; leave out --unsigned and --no-self-check",
)
_NEEDED = Text("--site とともに、{words} が要ります", "with --site, {words} must be given too")
