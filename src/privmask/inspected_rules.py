"""What an inspection finds in the site's rules on its day."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from privmask.finding import Finding, note, wrong
from privmask.language import Text
from privmask.policy import Complaint, Site, check_site, read_site
from privmask.zoning import file_complaints


def rules_findings(
    path: str | os.PathLike[str], site: Site | None, complaints: Sequence[Complaint], at: datetime
) -> Iterator[Finding]:
    """What is wrong with the rules in `path`, which were read as `site` with these complaints on the day of `at`."""
    always = check_site(read_site(path))
    for each in complaints:
        # A warning that only this day brings (somebody's time is over) is nothing to live with.
        weight = wrong if each.severity == "error" or each not in always else note
        yield weight(each.clause or "III", each.sentence)
    if site is not None:
        yield from (wrong(each.clause or "II-2", each.sentence) for each in file_complaints(path, site))
        yield from _on_the_day(site, site.day(at))


def _on_the_day(site: Site, day: date) -> Iterator[Finding]:
    if not site.scope.applies:
        yield note("I-2", _OUTSIDE)
    if site.sign.posted_on > day:
        yield wrong("II-3", _NO_SIGN, day=site.sign.posted_on)
    if site.site.effective_on > day:
        yield wrong("III", _NOT_YET, day=site.site.effective_on)
    for person in site.people:
        if person.valid_from <= day <= person.valid_until and person.pledged_on > day:
            yield wrong("II-5", _NO_PLEDGE, id=person.id, day=person.pledged_on)
    for contractor in site.contractors:
        if contractor.briefed_on > day:
            yield wrong("II-9", _NOT_BRIEFED, id=contractor.id, day=contractor.briefed_on)


_OUTSIDE = Text("ガイドラインの対象外のカメラです", "these cameras are outside the guideline")
_NO_SIGN = Text("設置の表示が{day}まで掲示されません", "the sign is not up before {day}")
_NOT_YET = Text("規程の施行日（{day}）がまだ来ていません", "the rules do not hold before {day}")
_NO_PLEDGE = Text(
    "「{id}」は任期中ですが、秘密保持の誓約が{day}までありません",
    "{id!r} is in office, and pledges secrecy on {day} only",
)
_NOT_BRIEFED = Text(
    "委託先「{id}」への徹底が{day}までありません", "the contractor {id!r} is not told how to work before {day}"
)
