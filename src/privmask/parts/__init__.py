"""The corridor of many hands: a long clip is cut into its sections, which worker processes mask, encode and check.

Where a copy is cut follows from the times of its frames alone, and one process encodes the same sections one after the other:
so a copy has the same bytes, and its statement says the same of it, whoever did the work. The parent keeps custody, looks (or
reads what was found), says what is hidden when, joins what comes back, hashes and signs. Workers read the original through the
parent's own descriptor, write what they encode into nameless files beside the draft, and are told no secret; they read hostile
footage, so that their words are taken as an enemy's. Where a section alone might not be what it is in the whole, the clip is
done in one piece, and it is said why.
"""

from privmask.parts.crew import Crew, fitting_jobs, require_jobs
from privmask.parts.cutting import SEARCHED_MEANWHILE, Cut, Parts, find_cut
from privmask.parts.joining import check_in_parts, mask_in_parts
from privmask.parts.searching import search_clip

__all__ = [
    "SEARCHED_MEANWHILE",
    "Crew",
    "Cut",
    "Parts",
    "check_in_parts",
    "find_cut",
    "fitting_jobs",
    "mask_in_parts",
    "require_jobs",
    "search_clip",
]
