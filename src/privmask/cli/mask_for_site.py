"""`privmask mask --site`: a copy under the site's rules, for a request, into the vault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import clock, options
from privmask.cli.helping import both
from privmask.cli.language import said
from privmask.cli.offices import office_of, recorded
from privmask.cli.words import answer, note, shown_name
from privmask.errors import PlanError
from privmask.language import Text
from privmask.sighting import NAMES

if TYPE_CHECKING:
    from privmask.evidence import Signer
    from privmask.governing import Errand, Governed
    from privmask.masks import MaskPlan
    from privmask.video import Reading, Writing
    from privmask.watching import Looking

SiteOfCopy = Annotated[
    Path | None,
    typer.Option(
        "--site",
        metavar="FILE",
        help=both(
            "採択済みの規程に従って複写を作り、保管庫に入れます。",
            "Make the copy under these adopted rules, and keep it in their vault.",
        ),
    ),
]
Request = Annotated[
    str | None,
    typer.Option(
        "--request",
        metavar="ID",
        help=both("--site とともに：承認された提供依頼の番号。", "With --site: the approved request that it is for."),
    ),
]
Exception_ = Annotated[
    str | None,
    typer.Option(
        "--exception",
        metavar="REASON",
        help=both(
            "--site とともに：管理責任者の例外とその理由。記録し、件数に数えます。",
            "With --site: the manager's exception; recorded and counted.",
        ),
    ),
]
Actor = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="PERSON_ID",
        help=both("--site とともに：作業する人（規程の id）。", "With --site: who makes it."),
    ),
]
KeepTrack = Annotated[
    list[int] | None,
    typer.Option(
        "--keep-track",
        metavar="N",
        help=both(
            "--site と --tracks とともに：この番号の軌跡（申出人本人）を隠しません。",
            "With --site and --tracks: leave this track visible, the applicant's.",
        ),
    ),
]
KeepPlain = Annotated[
    bool,
    options.flag(
        "--keep-plain",
        both(
            "--site とともに：保管庫のほかに、暗号化しない複写も残します。",
            "With --site: leave the copy open under its name too, not only in the vault.",
        ),
    ),
]

_NOT_A_PATH_OF_RESULTS = ("copy", "statement", "signature", "note", "tracks")


@dataclass(frozen=True, slots=True)
class SiteErrand:
    """What the words say of a copy under rules."""

    site: Path
    person: str
    errand: Errand
    tracks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """What the words say of the pictures."""

    clip: Path
    copy: Path
    plan: MaskPlan
    reading: Reading
    writing: Writing
    looking: Looking
    recorded_at: datetime | None
    signer: Signer | None
    self_check: bool
    jobs: int


def errand_of(
    site: Path | None,
    camera: str | None,
    request: str | None,
    exception: str | None,
    person: str | None,
    recorded_at: datetime | None,
    keep_track: list[int] | None,
    keep_plain: bool,
    no_self_check: bool,
    unsigned: bool,
) -> SiteErrand | None:
    """None without --site; PlanError for words that do not go together."""
    if site is None:
        if request or exception is not None or person or keep_track or keep_plain:
            raise PlanError(_ONLY_WITH_SITE)
        return None
    if no_self_check or unsigned:
        raise PlanError(_PROVED)
    missing = [
        word
        for word, given in (("--camera", camera), ("--as", person), ("--recorded-at", recorded_at))
        if given is None
    ]
    if missing:
        raise PlanError(_NEEDED.with_(words=", ".join(missing)))
    assert camera is not None
    assert person is not None
    assert recorded_at is not None
    from privmask.governing import Errand

    errand = Errand(camera, recorded_at, request, exception, keep_plain)
    return SiteErrand(site, person, errand, tuple(keep_track or ()))


def mask_for_site(wanted: SiteErrand, job: Job, *, as_json: bool) -> int:
    """Make it, and say where it is and until when."""
    from privmask.cli.progress import progress_bar
    from privmask.governing import copy_governed
    from privmask.masks import Keep

    kept = tuple(Keep(f"applicant-{track}", "the person who asks for the pictures", track) for track in wanted.tracks)
    extra = replace(job.plan, keep=(*job.plan.keep, *kept))
    assert job.signer is not None
    with office_of(wanted.site, "mask") as office, progress_bar() as progress:
        done = copy_governed(
            office,
            wanted.person,
            job.clip,
            job.copy,
            wanted.errand,
            extra,
            signer=job.signer,
            clock=clock.now,
            reading=job.reading,
            writing=job.writing,
            looking=job.looking,
            jobs=job.jobs,
            progress=progress,
        )
    for notice in done.result.notices:
        note(notice)
    answer(_as_data(done, wanted.errand), _summary(done, office.site.day(done.erase_due)), as_json=as_json)
    return 0


def _as_data(done: Governed, errand: Errand) -> dict[str, object]:
    made = {name: value for name, value in done.result.as_data().items() if name not in _NOT_A_PATH_OF_RESULTS}
    return {
        "copy_id": done.copy_id,
        "request_id": errand.request_id,
        "exception": errand.exception is not None,
        "erase_due": done.erase_due.isoformat(),
        "plain": str(done.plain) if done.plain else None,
        "receipt": done.receipt.as_data(),
        **made,
        "exit_code": 0,
    }


def _summary(done: Governed, due: date) -> str:
    lines = [said(_KEPT.with_(id=done.copy_id, due=due))]
    lines += [said(_FOUND.with_(count=count, label=NAMES[label])) for label, count in done.result.sightings.items()]
    lines += [said(_PLAIN.with_(name=shown_name(done.plain)))] if done.plain else []
    return "\n".join([*lines, said(_NEXT.with_(id=done.copy_id)), recorded(done.receipt)])


_ONLY_WITH_SITE = Text(
    "--request、--exception、--as、--keep-track、--keep-plain は --site とともに使います",
    "--request, --exception, --as, --keep-track and --keep-plain are about a site's rules; name them with --site",
)
_PROVED = Text(
    "規程に従う複写には、署名と自己検査が要ります（--unsigned と --no-self-check は使えません）",
    "a copy under a site's rules is signed and checked; leave out --unsigned and --no-self-check",
)
_NEEDED = Text("--site とともに、{words} が要ります", "with --site, {words} must be given too")
_KEPT = Text(
    "複写 {id} を保管庫に入れました（暗号化）。消去期限は {due} です",
    "the copy {id} is in the vault, encrypted; it is to be erased on {due}",
)
_FOUND = Text("見つけて隠した {label} の追跡：{count}", "{label} tracks found and hidden: {count}")
_PLAIN = Text(
    "注意：暗号化していない複写が {name} に残っています。使い終わったら必ず消去してください",
    "note: the copy also lies open at {name}; erase it as soon as it is not needed",
)
_NEXT = Text(
    "次に、見て確かめてから（privmask view {id} …）、渡してください（privmask provide {id} …）",
    "next, look at it (privmask view {id} …), and then hand it over (privmask provide {id} …)",
)
