"""A site's rules (設置・運用規程) as one frozen value, and what they answer: who may act, which camera is meant.

Days count in the site's own time zone and are whole: somebody who is valid until the 31st may act until midnight of it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from privmask.errors import PolicyError
from privmask.language import Text
from privmask.policy.complaints import code
from privmask.policy.fields import Checked, Listed, Some
from privmask.policy.tables import (
    ROLE_WORDS,
    About,
    Briefing,
    Camera,
    Complaints,
    Contact,
    Contractor,
    Disclosure,
    Inspection,
    Installer,
    Network,
    Person,
    Purpose,
    Retention,
    Role,
    Scope,
    Sign,
    Storage,
)

SITE_FORMAT = "privmask.site.v1"


class Site(Checked):
    """The whole of site.toml."""

    format: Literal["privmask.site.v1"]
    site: About
    installer: Installer
    contact: Contact
    scope: Scope
    purposes: Annotated[Some[Purpose], Field(alias="purpose"), Text("設置目的", "purposes")]
    sign: Sign
    people: Annotated[Some[Person], Field(alias="person"), Text("管理責任者・操作取扱者", "people")]
    cameras: Annotated[Some[Camera], Field(alias="camera"), Text("カメラ", "cameras")]
    storage: Storage
    retention: Retention
    disclosure: Disclosure
    complaints: Complaints
    network: Network
    inspection: Inspection
    briefing: Briefing
    contractors: Annotated[Listed[Contractor], Field(alias="contractor"), Text("委託先", "contractors")] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that these rules name (plans and reference pictures), as paths below the folder of site.toml."""
        plans = [camera.plan for camera in self.cameras if camera.plan]
        pictures = [camera.reference.picture for camera in self.cameras if camera.reference]
        return tuple(sorted({*plans, *pictures}))

    def day(self, at: datetime) -> date:
        """The day at the site; ValueError for a time without a zone."""
        if at.utcoffset() is None:
            raise ValueError("a time without a zone is no time")
        return at.astimezone(ZoneInfo(self.site.timezone)).date()

    def camera(self, id: str) -> Camera:
        """The camera of that id; `PolicyError` if these rules know none."""
        for camera in self.cameras:
            if camera.id == id:
                return camera
        raise PolicyError(_NO_CAMERA.with_(id=code(id)), clause="II-2")

    def person(self, id: str) -> Person:
        """The person of that id, valid or not; `PolicyError` if these rules know none."""
        for person in self.people:
            if person.id == id:
                return person
        raise PolicyError(_NO_PERSON.with_(id=code(id)), clause="II-4")

    def actor(self, id: str, at: datetime, role: Role | None = None) -> Person:
        """The person who acts at that moment, in that role if one is needed.

        Raises `PolicyError` for one who is unknown, out of time, not yet pledged, of an ended contractor, or in another role.
        """
        person = self.person(id)
        day = self.day(at)
        refusal = self._time_refusal(person, day)
        if refusal:
            raise PolicyError(refusal, clause="II-4")
        if person.pledged_on > day:
            raise PolicyError(_NOT_PLEDGED.with_(id=id, day=person.pledged_on), clause="II-5")
        if person.contractor is not None:
            self._require_contractor(person, day)
        if role is not None and role not in person.roles:
            raise PolicyError(_OTHER_ROLE.with_(id=id, role=ROLE_WORDS[role]), clause="II-4")
        return person

    def managers_on(self, day: date) -> tuple[Person, ...]:
        """The managers of that day."""
        return tuple(p for p in self.people if "manager" in p.roles and not self._time_refusal(p, day))

    def _time_refusal(self, person: Person, day: date) -> Text | None:
        if person.valid_from <= day <= person.valid_until:
            return None
        first, last = person.valid_from, person.valid_until
        return _OUT_OF_TIME.with_(id=person.id, day=day, first=first, last=last)

    def _require_contractor(self, person: Person, day: date) -> None:
        contractor = next((each for each in self.contractors if each.id == person.contractor), None)
        if contractor is None or not contractor.briefed_on <= day <= contractor.access_ends:
            raise PolicyError(_CONTRACTOR_OUT.with_(id=person.id, contractor=person.contractor, day=day), clause="II-9")


_NO_CAMERA = Text(
    "カメラ「{id}」は設置・運用規程にありません",
    "the camera {id!r} is not in the site's rules; look at [[camera]] in site.toml",
)
_NO_PERSON = Text(
    "「{id}」は設置・運用規程に定めた管理責任者・操作取扱者ではありません",
    "{id!r} is nobody in the site's rules; look at [[person]] in site.toml",
)
_OUT_OF_TIME = Text(
    "「{id}」は{day}には任期外です（任期は{first}から{last}まで）",
    "{id!r} may not act on {day}: valid from {first} to {last}; have the rules changed and adopted",
)
_NOT_PLEDGED = Text(
    "「{id}」の秘密保持の誓約は{day}からです", "{id!r} pledges secrecy on {day} only, and may not act before"
)
_OTHER_ROLE = Text("「{id}」は{role}ではありません", "{id!r} is not a {role} in the site's rules")
_CONTRACTOR_OUT = Text(
    "「{id}」の委託先「{contractor}」は{day}には取扱いの期間外です",
    "{id!r} may not act on {day}: the contractor {contractor!r} has no access on that day",
)
