"""`privmask inspect-site`: the inspection (点検) of a site, and the audit, which changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import clock, options
from privmask.cli.asking import is_terminal, pick
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, Site, office_of, recorded
from privmask.cli.register import Anchors, read_anchor
from privmask.cli.words import answer, shown_name
from privmask.errors import EvidenceError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.finding import Finding
    from privmask.inspecting import Inspected
    from privmask.office import Office
    from privmask.register import Receipt

Answers = Annotated[
    Path | None,
    typer.Option(
        "--answers",
        metavar="FILE",
        help=both(
            "点検項目への答え（true と false を並べた JSON）。",
            "The checklist as JSON, a list of true and false, one for each line.",
        ),
    ),
]


@in_japanese(
    "自動で確かめられることを全て確かめ、点検項目を尋ね、台帳に記録します。不備があれば、条項を示して3で終わります。"
)
def inspect_site(
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON_ID", help=both("点検する人（規程の id）。", "Who inspects."))
    ] = None,
    audit: Annotated[
        bool,
        options.flag(
            "--audit", both("何も尋ねず、何も記録せず、確かめるだけ。", "Ask nothing, record nothing: only look.")
        ),
    ] = False,
    answers: Answers = None,
    remarks: Annotated[
        str | None,
        typer.Option("--remarks", metavar="TEXT", help=both("そのほか気付いたこと。", "What else was seen.")),
    ] = None,
    anchor: Anchors = None,
    site: Site = SITE,
    as_json: options.Json = False,
) -> int:
    """Check all that can be checked, ask the checklist, record both. Ends with 3, and the clauses, if anything is wrong."""
    from privmask.inspecting import inspect

    if audit and (person or answers or remarks):
        raise PlanError(_AUDIT_ALONE)
    if not audit and person is None:
        raise PlanError(_WHO)
    found = inspect(site, clock.now(), [read_anchor(each) for each in anchor or ()])
    if audit or person is None:
        return _answered(found, [], None, as_json=as_json)
    with office_of(site, "inspection") as office:
        lines = _read(answers) if answers else _asked(office)
        receipt = _record(office, found, lines, person, remarks)
    return _answered(found, lines, receipt, as_json=as_json)


def _record(office: Office, found: Inspected, lines: Sequence[bool], person: str, remarks: str | None) -> Receipt:
    from privmask.inspecting import record_inspection

    return record_inspection(office, found, dict(enumerate(lines, 1)), person, remarks)


def _answered(found: Inspected, lines: Sequence[bool], receipt: Receipt | None, *, as_json: bool) -> int:
    head = receipt or found.head
    good = found.good and all(lines)
    code = 0 if good else EvidenceError.exit_code
    data = {
        "good": good,
        "findings": [_as_data(each) for each in found.findings],
        "checklist": list(lines),
        "head": head.as_data() if head else None,
        "recorded": receipt is not None,
        "exit_code": code,
    }
    text = [_line(each) for each in found.findings]
    text += [said(_BAD_LINE.with_(line=number)) for number, line in enumerate(lines, 1) if not line]
    text += [said(_GOOD if good else _BAD)]
    text += [recorded(receipt)] if receipt else []
    text += ["", head.as_text().rstrip(), said(_KEEP)] if head else []
    answer(data, "\n".join(text), as_json=as_json)
    return code


def _asked(office: Office) -> list[bool]:
    if not is_terminal():
        raise PlanError(_NO_TERMINAL)
    return [pick(Text(each, each), [_YES, _NO]) == 0 for each in office.site.inspection.checklist]


def _read(file: Path) -> list[bool]:
    try:
        found = json.loads(file.read_bytes()[:100_000])
    except (OSError, ValueError, RecursionError) as cause:
        raise PlanError(_NO_LIST.with_(file=shown_name(file))) from cause
    if not isinstance(found, list) or not all(isinstance(each, bool) for each in found):
        raise PlanError(_NO_LIST.with_(file=shown_name(file)))
    return found


def _line(finding: Finding) -> str:
    return f"{said(_MARKS[finding.weight])} [{finding.clause}] {said(finding.text)}"


def _as_data(finding: Finding) -> dict[str, object]:
    return {"clause": finding.clause, "weight": finding.weight, "ja": finding.text.ja, "en": finding.text.en}


_MARKS = {"wrong": Text("不備", "WRONG"), "note": Text("注意", "note ")}
_AUDIT_ALONE = Text(
    "--audit は見るだけです。--as・--answers・--remarks と一緒には使えません",
    "--audit only looks: it goes without --as, --answers and --remarks",
)
_WHO = Text(
    "点検する人を --as で指定してください（見るだけなら --audit）",
    "say who inspects: --as PERSON_ID (or --audit, to look only)",
)
_NO_TERMINAL = Text(
    "端末がないので点検項目を聞けません。--answers FILE で答えるか、--audit を使ってください",
    "there is no terminal for the checklist; give --answers FILE, or --audit",
)
_NO_LIST = Text(
    "{file} は true と false の一覧（点検項目と同じ数の JSON の配列）ではありません",
    "{file} is no list in JSON of true and false, one for each line of the checklist",
)
_YES, _NO = Text("良", "good"), Text("否", "bad")
_BAD_LINE = Text("不備 [II-10] 点検項目 {line} が「否」です", "WRONG [II-10] line {line} of the checklist is bad")
_GOOD = Text(
    "自動で確かめられることに不備は見つかりませんでした（法令等への適合を証明するものではありません）。",
    "Nothing wrong was found in what can be checked; that does not prove that any law or guideline is complied with.",
)
_BAD = Text(
    "不備があります。各行の条項を見て、直してください。",
    "Something is wrong; see the clause of each line, and put it right.",
)
_KEEP = Text("この控えを紙に残してください。", "Keep this on paper.")
