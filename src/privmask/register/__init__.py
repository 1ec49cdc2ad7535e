"""The room of the register (台帳): who asked, who decided, what was shown, handed over, erased; added to and never edited.

It knows SQLite and nothing of requests, grounds or roles: it records what it is handed, in the order in which it comes, so
that an edit, a gap, a cut end or a second history is found. Names of persons stand beside the chain, under commitments, and are
erased in time without breaking it. Anybody who can write the file can make a new one from the first entry on: only a receipt
that is kept elsewhere, on paper or in a statement, shows that.

The vault, which keeps copies encrypted until they are erased, is in `privmask.register.vault`.
"""

from privmask.register.checking import Checked, Fault, check_register, verify_register
from privmask.register.entry import ERASED, Draft, Entry
from privmask.register.kinds import KINDS
from privmask.register.making import create_register
from privmask.register.receipts import Receipt
from privmask.register.register import Register, open_register

__all__ = [
    "ERASED",
    "KINDS",
    "Checked",
    "Draft",
    "Entry",
    "Fault",
    "Receipt",
    "Register",
    "check_register",
    "create_register",
    "open_register",
    "verify_register",
]
