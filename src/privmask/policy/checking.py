"""What the tables of a site's rules say together: dates that contradict, names that lead nowhere, and what is unwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TypeAlias

from privmask.language import Text
from privmask.policy.complaints import Place, Severity
from privmask.policy.site import Site
from privmask.policy.tables import Camera, Contractor, Person, Purpose

LONG_RETENTION = 31
"""Days; keeping copies longer is said to need a reason (II-6(3): the least that is necessary)."""

Found: TypeAlias = tuple[Place, Text, str | None, Severity]


def contradictions(site: Site, at: datetime | None = None) -> Iterator[Found]:
    """Place, words, clause and weight of each; with `at`, also what does not hold on that day."""
    yield from _ids(site)
    yield from _about(site)
    yield from _people(site)
    if at is not None:
        yield from _today(site, site.day(at))
    for number, camera in enumerate(site.cameras):
        yield from _camera(camera, ("camera", number))
    yield from _twice(site)
    yield from _contractors(site)
    yield from _measures(site)


def _ids(site: Site) -> Iterator[Found]:
    """One id means one thing, because the register names things by it."""
    lists: dict[str, Sequence[Purpose | Person | Camera | Contractor]] = {
        "purpose": site.purposes,
        "person": site.people,
        "camera": site.cameras,
        "contractor": site.contractors,
    }
    first: dict[str, str] = {}
    for table, things in lists.items():
        for number, thing in enumerate(things):
            place = f"{table}[{number + 1}]"
            if thing.id in first:
                yield (table, number, "id"), _TWICE.with_(id=thing.id, first=first[thing.id]), "II-7(2)", "error"
            first.setdefault(thing.id, place)


def _about(site: Site) -> Iterator[Found]:
    about = site.site
    if about.effective_on < about.established_on:
        words = _BEFORE.with_(this=_EFFECTIVE, other=_ESTABLISHED)
        yield ("site", "effective_on"), words, "III", "error"
    for number, day in enumerate(about.revised_on):
        if day < about.established_on:
            words = _BEFORE.with_(this=Text("改正日", "the revision"), other=_ESTABLISHED)
            yield ("site", "revised_on", number), words, "III", "error"


def _people(site: Site) -> Iterator[Found]:
    for number, person in enumerate(site.people):
        place: Place = ("person", number)
        if person.valid_until < person.valid_from:
            words = _BEFORE.with_(this=Text("任期の末日", "the last day"), other=Text("任期の初日", "the first"))
            yield (*place, "valid_until"), words, "II-4", "error"
        elif person.pledged_on > person.valid_until:
            words = Text("誓約日が任期の後です", "the pledge comes after the last day")
            yield (*place, "pledged_on"), words, "II-5", "error"
        elif person.pledged_on > person.valid_from:
            words = Text(
                "誓約日が任期の初日より後です。誓約の前は操作できません",
                "the pledge comes after the first day; before it this person may not act",
            )
            yield (*place, "pledged_on"), words, "II-5", "warning"
        if "manager" in person.roles and person.key is None:
            yield (*place, "key"), _NO_KEY, "III", "warning"
        yield from _employer(site, person, place)
    managers = [person for person in site.people if "manager" in person.roles]
    if not managers:
        yield ("person",), _NO_MANAGER, "II-4", "error"
    elif not any("operator" in person.roles for person in site.people):
        yield ("person",), _NO_OPERATOR, "II-4", "error"


def _employer(site: Site, person: Person, place: Place) -> Iterator[Found]:
    if person.contractor is None:
        return
    contractor = next((each for each in site.contractors if each.id == person.contractor), None)
    if contractor is None:
        words = Text("委託先「{id}」が [[contractor]] にありません", "there is no [[contractor]] with the id {id!r}")
        yield (*place, "contractor"), words.with_(id=person.contractor), "II-9", "error"
    elif person.valid_until > contractor.access_ends:
        words = Text(
            "任期の末日が、委託先の取扱いの終了日（{day}）より後です",
            "the last day comes after the contractor's access ends ({day})",
        )
        yield (*place, "valid_until"), words.with_(day=contractor.access_ends), "II-9", "error"


def _today(site: Site, day: date) -> Iterator[Found]:
    if not site.managers_on(day) and any("manager" in person.roles for person in site.people):
        yield ("person",), _MANAGER_OUT.with_(day=day), "II-4", "error"
    for number, person in enumerate(site.people):
        if person.valid_until < day:
            words = Text("任期が{last}で終わっています", "this person's time ended on {last}")
            yield ("person", number, "valid_until"), words.with_(last=person.valid_until), "II-4", "warning"
    for number, contractor in enumerate(site.contractors):
        if contractor.access_ends < day:
            words = Text("取扱いが{last}で終わっています", "this contractor's access ended on {last}")
            yield ("contractor", number, "access_ends"), words.with_(last=contractor.access_ends), "II-9", "warning"


def _camera(camera: Camera, place: Place) -> Iterator[Found]:
    if camera.retired_on is not None and camera.retired_on < camera.installed_on:
        words = _BEFORE.with_(this=Text("廃止日", "the retirement"), other=Text("設置日", "the installation"))
        yield (*place, "retired_on"), words, "II-10", "error"
    ways = [camera.plan is not None, bool(camera.zones), camera.nothing_private is not None]
    if sum(ways) != 1:
        yield (*place, "zone"), _ZONES_ONCE if any(ways) else _NO_ZONES, "II-2", "error"
    tokens: set[str] = set()
    for number, zone in enumerate(camera.zones):
        here = (*place, "zone", number)
        if zone.valid_until is not None and zone.valid_until < zone.valid_from:
            words = _BEFORE.with_(this=Text("適用の末日", "the last day"), other=Text("適用の初日", "the first"))
            yield (*here, "valid_until"), words, "II-2", "error"
        if zone.token in tokens:
            yield (*here, "token"), Text("同じ記号の領域があります", "another zone has this token"), "II-2", "error"
        tokens.add(zone.token)
    if camera.reference is None:
        yield (*place, "reference"), _NO_REFERENCE, "II-2", "warning"


def _twice(site: Site) -> Iterator[Found]:
    seen: dict[tuple[str, str], int] = {}
    for number, camera in enumerate(site.cameras):
        other = seen.setdefault((camera.place, camera.view), number)
        if other != number and camera.retired_on is None and site.cameras[other].retired_on is None:
            words = Text(
                "設置場所と撮影範囲が camera[{other}] と同じです。二重に書かれていませんか",
                "has the place and view of camera[{other}]; is it there twice?",
            )
            yield ("camera", number, "place"), words.with_(other=other + 1), "II-2", "error"


def _contractors(site: Site) -> Iterator[Found]:
    for number, contractor in enumerate(site.contractors):
        if contractor.access_ends < contractor.briefed_on:
            words = Text("取扱いの終了日が徹底した日より前です", "the access ends before the briefing")
            yield ("contractor", number, "access_ends"), words, "II-9", "error"


def _measures(site: Site) -> Iterator[Found]:
    if site.network.connected and not site.network.measures:
        words = Text(
            "インターネットに接続するのに、情報漏えい防止措置が書かれていません",
            "connected to the Internet, and no measure is named",
        )
        yield ("network", "measures"), words, "II-6(6)", "error"
    for key, days in (("copies_days", site.retention.copies_days), ("recording_days", site.retention.recording_days)):
        if days > LONG_RETENTION:
            yield ("retention", key), _LONG.with_(days=days, most=LONG_RETENTION), "II-6(3)", "warning"


_EFFECTIVE, _ESTABLISHED = Text("施行日", "the day from which it holds"), Text("制定日", "the establishment")
_BEFORE = Text("{this}が{other}より前になっています", "{this} comes before {other}")
_TWICE = Text(
    "記号「{id}」は {first} と重なっています。記号はすべて別のものにしてください",
    "the id {id!r} is that of {first} already",
)
_NO_MANAGER = Text(
    '管理責任者（roles に "manager"）がいません', 'nobody is manager: one person needs "manager" in roles'
)
_NO_OPERATOR = Text(
    '操作取扱者（roles に "operator"）がいません。管理責任者が自ら操作するなら、その人の roles に加えてください',
    'nobody is operator; if the manager operates in person, add "operator" to that person\'s roles',
)
_MANAGER_OUT = Text(
    "{day}に任期中の管理責任者がいません。後任を定めて規程を採択してください",
    "no manager is valid on {day}; name one, and have the rules adopted",
)
_NO_KEY = Text(
    "管理責任者の署名鍵の指紋がありません。この人は採択できません（`privmask keys show` が示す SHA256:… を書いてください）",
    "the manager's key is not named, and without it this person cannot adopt the rules; write the SHA256:… that"
    " `privmask keys show` gives",
)
_ZONES_ONCE = Text(
    "私的空間は plan、[[camera.zone]]、nothing_private のどれか1つで示してください",
    "say once what is private: plan, [[camera.zone]] or nothing_private",
)
_NO_ZONES = Text(
    "私的空間が示されていません。plan か [[camera.zone]] で示すか、写らない理由を nothing_private に書いてください",
    "says nothing of private zones: plan, [[camera.zone]], or the reason why there is none in nothing_private",
)
_NO_REFERENCE = Text(
    "基準画像がありません。カメラの向きのずれを見つけられません（作るには：privmask policy reference）",
    "no reference picture: a camera that moved cannot be noticed; to make one: privmask policy reference",
)
_LONG = Text(
    "{days}日は長すぎませんか。保存は必要最小限度とし、{most}日を超えるなら理由を規程の議事に残してください",
    "{days} days: keep pictures no longer than necessary; more than {most} days wants a reason on record",
)
