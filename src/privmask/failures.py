"""What kind of failure an error is, said before words that are English only."""

from __future__ import annotations

from privmask.errors import (
    CopyError,
    CopyExistsError,
    DamagedFootageError,
    DetectorError,
    EvidenceError,
    FootageError,
    OpenKeyError,
    OriginalChangedError,
    PlanError,
    PolicyError,
    PrivmaskError,
    UnsupportedFootageError,
)
from privmask.language import Text


def in_both(error: PrivmaskError) -> Text:
    """The error's own words in both languages, or its English ones behind a Japanese sentence."""
    if error.text is not None:
        return error.text
    kind = next((_KINDS[each] for each in type(error).__mro__ if each in _KINDS), None)
    return kind.with_(why=error) if kind else Text(str(error), str(error))


_KINDS: dict[type[PrivmaskError], Text] = {
    PlanError: Text("指定又は計画に誤りがあります。\n詳細：{why}", "{why}"),
    OpenKeyError: Text("鍵を他の利用者が読めるため、署名しませんでした。\n詳細：{why}", "{why}"),
    EvidenceError: Text("鍵、署名又は来歴に問題があります。\n詳細：{why}", "{why}"),
    OriginalChangedError: Text(
        "処理中に原本が変わったため、中止しました。複写は作っていません。\n詳細：{why}", "{why}"
    ),
    PolicyError: Text("規程により、できません。\n詳細：{why}", "{why}"),
    UnsupportedFootageError: Text(
        "対応していない種類の映像です。安全に隠せないため、中止しました。\n詳細：{why}", "{why}"
    ),
    DamagedFootageError: Text(
        "映像が壊れているか、途中で切れています。安全に隠せないため、中止しました。\n詳細：{why}", "{why}"
    ),
    FootageError: Text("ファイルを読めません。\n詳細：{why}", "{why}"),
    CopyExistsError: Text("同じ名前のファイルが既にあります。置き換えはしません。\n詳細：{why}", "{why}"),
    CopyError: Text("ファイルを書き込めませんでした。\n詳細：{why}", "{why}"),
    DetectorError: Text("検出器又はモデルに問題があるため、中止しました。\n詳細：{why}", "{why}"),
}
