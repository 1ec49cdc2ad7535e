"""Custody of the original, the copy's way to its name, the statement between them, and the check of all three.

`keep_custody` holds the original open, read-only, and tells every change to it; `draft_copy` holds a copy that has no
name until `publish` gives it one, whole and with its companions, and `keep_aside` does so for private files that are no
copies; `state` writes the statement of provenance and `read_statement` reads it as if an enemy had written it; a `Signer`
signs it, and `note_bytes` tells its reader how to check all of it with other people's programs;
`verify_bytes` and `examine_copy` hold a copy against its statement.
This room knows files, hashes and JSON. It must not know what a picture is: everything about frames, masks and encoders comes
to it as plain data, and it runs on a plain Python with `rfc8785`, so that a clerk or an investigator needs neither FFmpeg nor
numpy to check a copy.
"""

from privmask.evidence.aside import Aside, keep_aside
from privmask.evidence.custody import Custody, OriginalRecord, keep_custody
from privmask.evidence.draft import Draft, Published, draft_copy
from privmask.evidence.encoded import Encoded
from privmask.evidence.files import Content, FileRecord, open_once, record_of
from privmask.evidence.hidden import HiddenFile
from privmask.evidence.names import NOTE, PROVENANCE, SIGNATURE, SUMS, TRACKS, companion_names
from privmask.evidence.notes import note_bytes
from privmask.evidence.provenance import Statement, read_statement, state
from privmask.evidence.rows import Row
from privmask.evidence.signed import Trust
from privmask.evidence.signers import AgentSigner, KeyFileSigner, Signer, signed_by
from privmask.evidence.sweep import sweep
from privmask.evidence.verdict import NAMES, Check, Outcome, Verdict, failed, passed, unchecked
from privmask.evidence.verify import Examined, examine_copy, verify_bytes

__all__ = [
    "NAMES",
    "NOTE",
    "PROVENANCE",
    "SIGNATURE",
    "SUMS",
    "TRACKS",
    "AgentSigner",
    "Aside",
    "Check",
    "Content",
    "Custody",
    "Draft",
    "Encoded",
    "Examined",
    "FileRecord",
    "HiddenFile",
    "KeyFileSigner",
    "OriginalRecord",
    "Outcome",
    "Published",
    "Row",
    "Signer",
    "Statement",
    "Trust",
    "Verdict",
    "companion_names",
    "draft_copy",
    "examine_copy",
    "failed",
    "keep_aside",
    "keep_custody",
    "note_bytes",
    "open_once",
    "passed",
    "read_statement",
    "record_of",
    "signed_by",
    "state",
    "sweep",
    "unchecked",
    "verify_bytes",
]
