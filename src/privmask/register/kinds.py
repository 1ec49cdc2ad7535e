"""What is recorded: the table of kinds of entries. A new kind is a new line here.

The bodies belong to those who record. What the 閲覧・提供記録簿 shows is looked up by these names (dots lead inwards), first
in the entry's personal values and then in its body, in all entries with the same `request_id`, the latest first:
request_id, received_at, requester.name, requester.affiliation, requester.contact, identity.document_kind, identity.checked_by,
identity.checked_at, evidence.ground, necessity, cameras, from, to, decision.outcome, decision.by, decision.at, decision.reason,
handed_over.at, handed_over.to, handed_over.medium, copies (each with sha256), keep_until.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from privmask.language import Text

KINDS: Mapping[str, Text] = MappingProxyType(
    {
        "adoption": Text("規程の決裁", "adoption of the rules"),
        "briefing": Text("周知", "briefing"),
        "clock": Text("時計の訂正", "clock put right"),
        "complaint": Text("苦情・問合せ", "complaint"),
        "contractor": Text("業務の委託", "contractor"),
        "copy": Text("複写", "copy"),
        "decision": Text("決定", "decision"),
        "disposal": Text("記録媒体の処分", "disposal"),
        "drift": Text("撮影範囲のずれ", "view drift"),
        "erasure": Text("消去", "erasure"),
        "exception": Text("例外", "exception"),
        "hold": Text("消去停止", "hold"),
        "inspection": Text("点検", "inspection"),
        "leak": Text("漏えい", "leak"),
        "provision": Text("提供", "provision"),
        "refusal": Text("拒否", "refusal"),
        "release": Text("消去停止の解除", "release"),
        "request": Text("提供依頼", "request"),
        "retirement": Text("廃止", "retirement"),
        "review": Text("緊急提供の見直し", "review of an emergency"),
        "view": Text("閲覧", "view"),
    }
)
