"""The office of a site: its adopted rules, its register and its vault, open together for one act at one time.

Every governed command opens it and does in it what it has to do; what the rules refuse is recorded before it is raised.
Beside `site.toml` stand `site.adopted.json`, the folder `register/`, and the folder `vault/` with the copies at rest. The
register is begun when adopted rules are first used, and every adoption is recorded in it.

What an entry says for ever (`body`) holds ids, codes, hashes and times. All that people wrote, names first of all, goes into
`personal`, and is erased when the years of `retention.register_years` are over. A `refusal` has the `clause`, what was wanted
(`act` and ids), and its reason as the personal `decision.reason`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, TypeAlias
from zoneinfo import ZoneInfo

from privmask.adopting import Adopted, require_adopted
from privmask.errors import CopyError, CopyExistsError, PolicyError
from privmask.handing import Unfinished
from privmask.handing import finish as finish_handing
from privmask.kept import KEPT
from privmask.language import Text
from privmask.policy import Person, Role
from privmask.refusing import NOBODY, reason_of, record_refusal, refusals_at_the_door, years_after
from privmask.register import Draft, Receipt, Register, create_register, open_register
from privmask.register.register import CLOCK_SLACK
from privmask.register.vault import Unlock, Vault, create_vault, open_vault
from privmask.register.vault_layout import DRAFTS
from privmask.workroom import clear_room

REGISTER = Path("register", "register.sqlite")
VAULT = Path("vault")
Choose: TypeAlias = Callable[[], str | None]
"""Gives the passphrase for the key of a vault that is to be made; None for a key without one."""

_NOTHING: Mapping[str, Any] = {}


@contextmanager
def open_office(
    site_path: str | os.PathLike[str],
    at: datetime,
    *,
    act: str = "open",
    unlock: Unlock | None = None,
    choose: Choose | None = None,
    set_back: bool = False,
) -> Iterator[Office]:
    """The office of the adopted rules in `site_path`, at the moment `at`; `unlock` gives the passphrase of the vault's key.

    `choose` gives that of a vault which is made at its first use. Raises `PolicyError` if the rules are not adopted as they
    are, or the clock was set back (unless `set_back` says that this is what will be recorded), both recorded as refusals of
    `act`; or if the register is gone while copies are in the vault.
    """
    folder = Path(os.path.abspath(site_path)).parent
    with refusals_at_the_door(folder / REGISTER, site_path, at, {"act": act}):
        adopted = require_adopted(site_path, at)
    site = adopted.site.site.id
    at = at.astimezone(ZoneInfo(adopted.site.site.timezone))  # the register is read by people of the site
    if not os.path.lexists(folder / REGISTER):
        if os.path.lexists(folder / VAULT):
            raise PolicyError(_REGISTER_GONE.with_(path=REGISTER), clause="II-7(2)")
        with contextlib.suppress(CopyExistsError):  # another process was first
            create_register(folder / REGISTER, site, at)
    with open_register(folder / REGISTER, site) as register:
        office = Office(Path(site_path), adopted, register, at, unlock, choose)
        if not set_back:
            with office.refusals(NOBODY, {"act": act}):
                _require_clock(register, at)
            office.note_adoption()
            office.put_right()
        yield office


def _require_clock(register: Register, at: datetime) -> None:
    last = register.head().at
    if last - at > CLOCK_SLACK:
        raise PolicyError(_SET_BACK.with_(at=at.isoformat(), last=last.isoformat()), clause="II-7(2)")


class Office:
    """Made by `open_office`. `at` may be moved on by whoever does something long; it never goes back."""

    def __init__(
        self,
        site_path: Path,
        adopted: Adopted,
        register: Register,
        at: datetime,
        unlock: Unlock | None,
        choose: Choose | None = None,
    ) -> None:
        self.site_path, self.adopted, self.register, self.at = site_path, adopted, register, at
        self.site = adopted.site
        self.policy_sha256 = adopted.sha256
        self.folder = Path(os.path.abspath(site_path)).parent
        self._unlock, self._choose = unlock, choose
        self._vault: Vault | None = None
        self._refused: PolicyError | None = None

    @property
    def keep_until(self) -> datetime:
        """When what is recorded now has been kept for `retention.register_years`."""
        return years_after(self.at, self.site.retention.register_years)

    @property
    def erase_due(self) -> datetime:
        """When a copy that is made now is due to be erased."""
        return self.at + timedelta(days=self.site.retention.copies_days)

    def vault(self) -> Vault:
        """The vault, made at first use. `PolicyError` if copies were made and it is gone."""
        if self._vault is None:
            folder = self.folder / VAULT
            if not os.path.lexists(folder):
                if any(self.register.latest(kind) for kind in KEPT):
                    raise PolicyError(_VAULT_GONE.with_(path=VAULT), clause="II-6(2)")
                with contextlib.suppress(CopyExistsError):  # another process was first
                    create_vault(folder, self.at, self._choose() if self._choose else None)
            self._vault = open_vault(folder, self._unlock, self._is_kept)
        return self._vault

    def put_right(self) -> None:
        """Put right what killed runs left, but for erasures, which `privmask erase --due` completes and records."""
        clear_room(self.folder)
        finish_handing(self.folder, self._is_provided)
        drafts = self.folder / VAULT / DRAFTS
        if drafts.is_dir() and any(drafts.iterdir()):
            self.vault()

    def _is_kept(self, copy_id: str) -> bool:
        about = ("copy_id", copy_id)
        return any(self.register.latest(kind, about) for kind in KEPT) and not self.register.latest("erasure", about)

    def _is_provided(self, left: Unfinished) -> bool:
        provided = self.register.entries("provision", about=("copy_id", left.copy_id))
        return any(each.value("file.sha256") == left.sha256 for each in provided)

    def actor(self, person_id: str, role: Role | None = None, about: Mapping[str, Any] = _NOTHING) -> Person:
        """The person who acts now, in that role if one is needed.

        Raises `PolicyError` for anybody unknown, expired or in another role; the refusal, of what `about` says, is recorded.
        """
        known = any(person.id == person_id for person in self.site.people)
        given = {} if known else {"actor.given": person_id}  # it may be anything, somebody's name too
        with self.refusals(person_id if known else NOBODY, about, given):
            return self.site.actor(person_id, self.at, role)

    def record(
        self,
        kind: str,
        actor: Person | str,
        body: Mapping[str, Any],
        personal: Mapping[str, str] | None = None,
        erase_after: datetime | None = None,
    ) -> Receipt:
        """Record it under these rules; personal values are erased after `erase_after`, `keep_until` if not given."""
        return self.register.append(self._draft(kind, actor, body, personal, erase_after), self.at)

    def _draft(
        self,
        kind: str,
        actor: Person | str,
        body: Mapping[str, Any],
        personal: Mapping[str, str] | None = None,
        erase_after: datetime | None = None,
    ) -> Draft:
        who = actor if isinstance(actor, str) else actor.id
        end = (erase_after or self.keep_until) if personal else None
        return Draft(kind, who, body, personal or {}, self.policy_sha256, end)

    def refuse(self, actor: Person | str, text: Text, clause: str, about: Mapping[str, Any]) -> NoReturn:
        """Record the refusal of what `about` says, then raise it as `PolicyError`."""
        with self.refusals(actor, about):
            raise PolicyError(text, clause=clause)
        raise AssertionError("a refusal was swallowed")

    @contextmanager
    def refusals(
        self, actor: Person | str, about: Mapping[str, Any] = _NOTHING, personal: Mapping[str, str] | None = None
    ) -> Iterator[None]:
        """Record every `PolicyError` that passes, once. `about` says what was wanted: `act`, and ids such as `copy_id`."""
        try:
            yield
        except PolicyError as error:
            if error is not self._refused:
                self._refused = error
                clause = {"clause": error.clause} if error.clause else {}
                draft = self._draft("refusal", actor, {**about, **clause}, {**reason_of(error), **(personal or {})})
                record_refusal(self.register, draft, self.at)
            raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process is in such a block of this site meanwhile; not to be nested."""
        try:
            folder = os.open((self.folder / REGISTER).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as cause:
            raise CopyError(f"the folder of the register cannot be opened: {cause.strerror}") from cause
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def note_adoption(self) -> None:
        """Record the adoption that holds, unless it is the one that was recorded last."""
        adopted = {"adopted_at": self.adopted.at.isoformat(), "key_id": self.adopted.key_id}
        with self.alone():
            last = self.register.latest("adoption")
            if last is None or (last.policy_sha256, dict(last.body)) != (self.policy_sha256, adopted):
                self.record("adoption", self.adopted.by, adopted)


_REGISTER_GONE = Text(
    "台帳（{path}）がありませんが、複写の保管庫はあります。台帳を元の場所に戻してください。新しい台帳は作りません",
    "the register ({path}) is gone, but there is a vault of copies; bring the register back. No new one is begun",
)
_SET_BACK = Text(
    "時計が戻っています：いまは {at}、台帳の最後の記載は {last} です。時計を直してください。いまの時計が正しく、"
    "台帳が進んだ時計で書かれたのなら、管理責任者がそのことを記載してください：privmask record clock",
    "the clock was set back: it says {at}, and the last entry of the register is of {last}. Set it right. If it is right, and"
    " the register was written by one that was ahead, the manager records that: privmask record clock",
)
_VAULT_GONE = Text(
    "台帳に複写の記載がありますが、保管庫（{path}）がありません。元の場所に戻してください。新しい保管庫は作りません",
    "the register tells of copies, but the vault ({path}) is gone; bring it back. No new one is begun",
)
