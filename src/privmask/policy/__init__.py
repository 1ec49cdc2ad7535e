"""The site's rules (設置・運用規程) as checked data, the grounds of II-7 with their evidence, and both as papers to print.

`site.toml` is read once, whole, and every mistake is told with its place in both languages; past that door everything is a
frozen value. Who has adopted which rules is told above this room (`privmask.adopting`), and nothing here looks at a clock:
a day is always an argument. This room knows pydantic, and no other room.
"""

from privmask.policy.complaints import Complaint
from privmask.policy.grounds import Ground
from privmask.policy.requests import (
    Decision,
    HandedOver,
    Request,
    field_fault,
    ground_of,
    missing_fields,
    read_decision,
    read_handed_over,
    read_request,
    required_fields,
)
from privmask.policy.site import Site
from privmask.policy.sitefile import check_site, examine_site, load_site, policy_hash, read_site, site_from
from privmask.policy.tables import ROLE_WORDS, Camera, Contractor, Person, Role, Zone

__all__ = [
    "ROLE_WORDS",
    "Camera",
    "Complaint",
    "Contractor",
    "Decision",
    "Ground",
    "HandedOver",
    "Person",
    "Request",
    "Role",
    "Site",
    "Zone",
    "check_site",
    "examine_site",
    "field_fault",
    "ground_of",
    "load_site",
    "missing_fields",
    "policy_hash",
    "read_decision",
    "read_handed_over",
    "read_request",
    "read_site",
    "required_fields",
    "site_from",
]
