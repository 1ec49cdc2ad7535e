"""What a report of a verification says, in Japanese and in English. Nothing here comes from a file."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Both:
    """The same in Japanese and in English."""

    ja: str
    en: str


CHECKS = MappingProxyType(
    {
        1: Both("来歴があり、正しい形で読める", "statement: it is there, whole and readable"),
        2: Both("署名はこの来歴へのものである", "signature: it is of this very statement"),
        3: Both(
            "署名者を知っていて、鍵はその時に有効で、失効していない", "signer: known, valid at the time, not revoked"
        ),
        4: Both("複写のファイル名が来歴と同じ", "copy's name: as stated"),
        5: Both("複写の全バイトが来歴と同じ", "copy's bytes: all of them as stated"),
        6: Both("ハッシュの一覧が合う", "SHA256SUMS: the list fits the files"),
        7: Both("隠す計画が来歴のハッシュと合う", "plan: it has the stated hash"),
        8: Both("原本は作業の前後で同じ（来歴による）", "original untouched: the same before and after, as stated"),
        9: Both(
            "渡された原本は、来歴にある原本と同じ", "original's bytes: the original given is the one that is stated"
        ),
        10: Both("映像のどの区間も来歴と同じ", "packets per group of pictures: each part of the film as stated"),
        11: Both(
            "映像（と残すとした音声）のほかに何も入っていない",
            "only pictures: nothing else is in the file but what is stated",
        ),
        12: Both("領域はすべてのコマで隠れている", "zones hidden: on every frame, for the whole of their time"),
        13: Both(
            "動くものを隠した位置の記録は、来歴にあるもの",
            "where moving masks were: the owner's record is the stated one",
        ),
        14: Both("隠した所の外は原本のまま", "nothing else altered: outside the masks it is the original"),
        15: Both("検証の間、複写に書き込みはなかった", "copy stands still: nobody wrote to it meanwhile"),
    }
)
"""What each check asks for, by its number."""

OUTCOMES = MappingProxyType(
    {"PASS": Both("合格", "PASS"), "FAIL": Both("不合格", "FAIL"), "NOT CHECKED": Both("未確認", "NOT CHECKED")}
)
NOT_ASKED = Both("（求められていない）", "(not asked for)")

TITLE = Both("複写の検証報告", "Verification report")
HOLDS = Both("証明は成り立っています", "THE EVIDENCE HOLDS")
FAILS = Both("証明は成り立ちません", "THE EVIDENCE DOES NOT HOLD")
UNPROVED = Both("証明されていません", "NOT PROVED")
CAUTION = Both("次の点は確かめていません：", "Not looked at, because nobody asked for it:")

CHECKLIST, PICTURES, LIMITS = (
    Both("確認した点", "Checks"),
    Both("画像", "Pictures"),
    Both("この検証の意味", "What this means"),
)
NO_PICTURES = Both(
    "画像は見ていません。理由は確認した点の 12 と 14 にあります。",
    "No picture was looked at; checks 12 and 14 say why.",
)
SHOWN = Both("枠の中が、このコマで隠した領域です。", "What is outlined are the zones that are hidden on this frame.")
NOT_HIDDEN = Both(
    "丸印の所が隠れていません。隠すべきものが写っているかもしれないので、この報告も人に渡さないでください。",
    "It is not hidden where the ring is. This report may show what should be hidden: keep it to yourself.",
)
DIFFERS = Both("丸印の所が、原本と最も違います。", "It differs most from the original where the ring is.")
ZONES = Both("領域", "Zones")

COPY, ORIGINAL = Both("複写", "Copy"), Both("原本（来歴による）", "Original, as stated")
READ, STATED = (
    Both("複写の sha256（読んだ値）", "Copy's sha256, as read"),
    Both("来歴の sha256", "sha256 that is stated"),
)
MADE, VERIFIED = (
    Both("来歴の日時（作った人の時計による）", "Stated at, by the maker's own clock"),
    Both("検証した日時", "Verified at"),
)
KEY = Both("署名の鍵（来歴による）", "Key that signed, as stated")
UNSIGNED = Both("誰も署名していません", "nobody signed it")
NO_STATEMENT = Both("読める来歴がありません", "no statement that can be read")

PROVES = Both("すべて合格なら証明されること", "What is proved if all is PASS")
PROVED = (
    Both(
        "この複写は、来歴が述べる複写と 1 ビットも違いません。",
        "The copy is, bit for bit, the one that the statement describes.",
    ),
    Both(
        "来歴は、確認 3 にある人の鍵で署名され、その後変えられていません。",
        "The statement was signed with the key of whom check 3 names, and was not changed since.",
    ),
    Both(
        "計画の領域は、決められた時間の間、すべてのコマで隠れています。隠した所には元の画素が残っていません。",
        "The zones of the plan are hidden on every frame of their time; nothing of the hidden samples is left there.",
    ),
    Both(
        "原本を渡したときは、隠した所の外が、圧縮による違いのほかは原本と同じで、コマの数と時刻も同じです。",
        "If the original was given: outside the masks the copy is the original, but for an encoder's loss, frame for frame.",
    ),
)
PROVES_NOT = Both("合格でも証明されないこと", "What is not proved even then")
UNPROVABLE = (
    Both(
        "鍵を持つ人は、うその来歴にも署名できます。署名が示すのは、誰がそう述べたかです。",
        "Whoever holds the key can sign a lie. A signature shows who says so, not that it is true.",
    ),
    Both("日時は、作った人の機械の時計によります。", "Times are those of the maker's own clock."),
    Both(
        "録画した機器や、機械の管理者が、原本をその前に変えていたかどうかは分かりません。",
        "Whether the recorder, or who ruled over the machine, had changed the original before.",
    ),
    Both(
        "隠すべきものがすべて計画にあったか、顔などがすべて見つかったかは分かりません。人の目で確かめてください。",
        "Whether all that should be hidden was in the plan, or every face was found. Look at the copy.",
    ),
    Both(
        "この報告書には署名がありません。疑わしいときは、検証をやり直してください。",
        "This report is not signed. If in doubt, verify the copy again.",
    ),
)


def holding(failures: int, unchecked: int, *, holds: bool) -> tuple[Both, Both]:
    """The verdict in a few words, and what to do.

    From the numbers of checks that failed and of those that were asked for and left unchecked.
    """
    if failures:
        return FAILS, Both(
            f"合わない点が {failures} 件あります。この複写に頼らず、渡した人に問い合わせてください。",
            f"Checks that failed: {failures}. Do not rely on this copy; ask whoever gave it to you.",
        )
    if not holds:
        return UNPROVED, Both(
            f"合わない点はありませんが、求められて確かめられなかった点が {unchecked} 件あります。",
            f"Nothing failed, but of what was asked for this many checks could not be made: {unchecked}.",
        )
    return HOLDS, Both(
        "求められた点はすべて確かめ、合わない点はありません。",
        "Everything that was asked for was checked, and nothing failed.",
    )


def moving_in_words(count: int) -> Both:
    """How many places are hidden on a frame because something moves there."""
    return Both(
        f"動くもの（顔など）を {count} か所で隠しています。",
        f"What moves, such as faces, is hidden: {count} on this frame.",
    )


def frame_in_words(index: int, seconds: float) -> Both:
    """Which frame of the copy it is; frames count from 0."""
    return Both(f"複写のコマ {index}（{seconds:.3f} 秒）。", f"Frame {index} of the copy ({seconds:.3f} s).")
