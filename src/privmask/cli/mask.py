"""`privmask mask`: from words to one call of the corridor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import coding, options
from privmask.cli.gathering import Way, gather_plan
from privmask.cli.grouping import grouped
from privmask.cli.groups import Coded, Read, Ruled, Signed, Sought
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.mask_for_site import Job, KeepPlain, KeepTrack, errand_of, mask_for_site
from privmask.cli.words import answer, note, row, shown_name
from privmask.language import Text
from privmask.sighting import NAMES

if TYPE_CHECKING:
    from privmask.copying import Result
    from privmask.parts import Parts


Jobs = Annotated[
    int | None,
    options.jobs(
        both(
            "長い映像を、いくつのプロセスで分担するか。指定がなければ、このコンピューターのプロセッサと空きメモリに合わせます。"
            "いくつでも、同じ複写ができます。顔などを探す作業は、--two-pass のときだけ分担します。",
            "How many processes share the work on a long clip; if not given, as this machine's processors and free memory "
            "have it. The copy is the same. Looking for faces and plates is shared with --two-pass only.",
        )
    ),
]


@grouped
@in_japanese(
    "原本から、私的空間などを隠した複写と、何をしたかを記した署名付きの来歴を作ります。"
    "\n\n--site を付けると、採択済みの規程と承認された提供依頼に基づいて作り、保管庫に入れます。"
)
def mask(
    clip: options.Clip,
    copy: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="COPY",
            help=both(
                "複写の名前（新しい .mp4、.mkv、.ts、.jpg 又は .png）。",
                "The copy: a new .mp4, .mkv, .ts, .jpg or .png.",
            ),
        ),
    ],
    *,
    plan: options.PlanFile = None,
    camera: options.Camera = None,
    zone: options.Zones = None,
    sought: Sought,
    two_pass: options.TwoPass = False,
    tracks: options.Tracks = None,
    way: Way,
    audio: coding.Audio = "drop",
    coded: Coded,
    no_pass_through: coding.NoPassThrough = False,
    read: Read,
    recorded_at: options.RecordedAt = None,
    no_self_check: coding.NoSelfCheck = False,
    jobs: Jobs = None,
    signed: Signed,
    ruled: Ruled,
    keep_track: KeepTrack = None,
    keep_plain: KeepPlain = False,
    as_json: options.Json = False,
) -> int:
    """Make a masked copy of CLIP, and a signed statement beside it that says what was done.

    With --site the copy is made under the site's adopted rules, for a request, and is kept in the site's vault.
    """
    moment = options.moment(recorded_at)
    open_or_unproved = (keep_plain, no_self_check, signed.unsigned)
    errand = errand_of(
        ruled.site, camera, ruled.request, ruled.exception, ruled.person, moment, keep_track, *open_or_unproved
    )
    from privmask.parts import fitting_jobs
    from privmask.watching import Looking

    reading, moving = read.reading(), sought.moving(tracks)
    wanted = gather_plan(clip, plan, camera, zone or [], moving, way, reading, by_rules=errand is not None)
    writing = coded.writing(audio, pass_through=not no_pass_through)
    looking = Looking(two_pass=two_pass, tracks=tracks)
    signer = signed.signer()
    hands = jobs or fitting_jobs(searching=two_pass and bool(wanted.dynamic))
    job = Job(clip, copy, wanted, reading, writing, looking, moment, signer, not no_self_check, hands)
    if errand is not None:
        return mask_for_site(errand, job, as_json=as_json)
    return _mask_plainly(job, asked=jobs or 1, as_json=as_json)


def _mask_plainly(job: Job, *, asked: int, as_json: bool) -> int:
    from privmask.cli.progress import progress_bar
    from privmask.copying import mask_clip
    from privmask.parts import SEARCHED_MEANWHILE

    with progress_bar() as progress:
        result = mask_clip(
            job.clip,
            job.copy,
            job.plan,
            reading=job.reading,
            writing=job.writing,
            looking=job.looking,
            recorded_at=job.recorded_at,
            self_check=job.self_check,
            jobs=job.jobs,
            signer=job.signer,
            progress=progress,
        )
    for notice in result.notices:
        note(notice)
    if asked > 1 and result.parts.why_not == SEARCHED_MEANWHILE:
        note(_TWO_PASS_SHARES)
    answer(result.as_data(), _summary(result), as_json=as_json)
    return 0


def _summary(result: Result) -> str:
    signature = _BY.with_(file=shown_name(result.signature), key=result.key_id) if result.signature else _NOBODY_SIGNED
    checked = _CHECKED if result.self_check is not None else _NOT_CHECKED
    rows = [(_COPY, shown_name(result.copy)), (_STATEMENT, shown_name(result.statement)), (_SIGNATURE, said(signature))]
    rows += [(_NOTE, said(_GOES_ALONG.with_(file=shown_name(result.note))))] if result.note else []
    rows += [(_TRACKS, said(_YOURS.with_(file=shown_name(result.tracks))))] if result.tracks else []
    rows += [
        (_FOUND, said(_OF_LABEL.with_(count=count, label=NAMES[label]))) for label, count in result.sightings.items()
    ]
    as_is = _OF_FRAMES.with_(frames=result.passed_through.frames, all=result.frames)
    rows += [(_AS_IS, said(as_is))] if result.passed_through.frames else []
    rows += [
        (head, said(_BY_PROCESSES.with_(sections=each.sections, jobs=each.jobs))) for head, each in _shared(result)
    ]
    done = _IN_SECONDS.with_(frames=result.frames, checked=checked, seconds=f"{sum(result.seconds.values()):.1f}")
    return "\n".join(row(said(head), text) for head, text in [*rows, (_FRAMES, said(done))])


def _shared(result: Result) -> list[tuple[Text, Parts]]:
    by = [(_SEARCHED, result.search_parts), (_SHARED, result.parts)]
    return [(head, parts) for head, parts in by if parts and parts.jobs > 1]


_COPY, _STATEMENT, _SIGNATURE = Text("複写", "copy"), Text("来歴", "statement"), Text("署名", "signature")
_NOTE, _TRACKS, _FOUND = Text("確かめ方", "note"), Text("軌跡", "tracks"), Text("発見", "found")
_FRAMES = Text("コマ数", "frames")
_BY = Text("{file}（鍵 {key}）", "{file}: by {key}")
_NOBODY_SIGNED = Text("なし（誰も署名していません）", "none: nobody signed")
_GOES_ALONG = Text("{file}（複写と一緒に渡してください）", "{file}: goes along with the copy")
_YOURS = Text(
    "{file}（手元に残し、複写と一緒に渡さないでください）", "{file}: yours, not to be given away with the copy"
)
_OF_LABEL = Text("{label} の軌跡 {count}", "{count} {label} tracks")
_AS_IS = Text("そのまま", "as it is")
_OF_FRAMES = Text(
    "全 {all} コマのうち {frames} コマは、隠すものがなく、原本の符号のまま写しました",
    "{frames} of {all} frames have nothing to hide, and travelled packet by packet",
)
_SEARCHED, _SHARED = Text("探索の分担", "searched"), Text("分担", "shared")
_BY_PROCESSES = Text("{sections} 区間を {jobs} プロセスで", "{sections} sections among {jobs} processes")
_TWO_PASS_SHARES = Text(
    "隠しながら探すので、1つのプロセスで作りました。--two-pass を付けると、探す作業も --jobs で分担します",
    "faces and the like were looked for while the clip was masked, which one process does; with --two-pass, --jobs shares the "
    "search as well",
)
_CHECKED, _NOT_CHECKED = Text("検査済み", "checked"), Text("検査せず", "not checked")
_IN_SECONDS = Text("{frames}、{checked}、{seconds} 秒", "{frames}, {checked}, in {seconds} s")
