"""A site's rules that stand, and the same with something changed."""

from __future__ import annotations

from datetime import UTC, datetime

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Noon at the site."""

GOOD = """\
format = "privmask.site.v1"

[site]
id = "chuo"
name = "中央通り商店街"
timezone = "Asia/Tokyo"
established_on = 2026-03-20
effective_on = 2026-04-01

[installer]
name = "中央通り商店街振興組合"
representative = "理事長 佐藤 花子"
address = "○○市中央1丁目2番3号"

[contact]
name = "中央通り商店街振興組合事務所"
phone = "000-000-0000"
hours = "平日 9時から17時まで"

[scope]
crime_prevention = true
public_place = true
recording = true

[[purpose]]
id = "crime-prevention"
text = "道路及び商店街における犯罪の防止並びに犯罪又は事故が発生した場合の事実の確認"

[sign]
text = "防犯カメラ作動中"
places = ["中央通り北口 支柱", "中央通り南口 支柱"]
posted_on = 2026-04-01

[[person]]
id = "sato"
name = "佐藤 花子"
title = "理事長"
roles = ["manager"]
valid_from = 2026-04-01
valid_until = 2027-03-31
pledged_on = 2026-04-01

[[person]]
id = "suzuki"
name = "鈴木 一郎"
title = "事務局員"
roles = ["operator"]
valid_from = 2026-04-01
valid_until = 2027-03-31
pledged_on = 2026-04-01

[[person]]
id = "tanaka"
name = "田中 次郎"
roles = ["operator"]
valid_from = 2026-04-01
valid_until = 2026-12-31
pledged_on = 2026-04-01
contractor = "maintenance"

[[camera]]
id = "gate"
place = "中央通り北口 街路灯3号柱（地上4.5m）"
view = "中央通りの車道及び歩道、北口から南へ約40m"
installed_on = 2026-04-01
frame = [1920, 1080]
reference = { picture = "reference/gate.png", taken_at = 2026-04-01T10:00:00+09:00 }

[[camera.zone]]
token = "neighbour-window"
reason = "沿道の住宅2階の窓"
polygon = [[192, 216], [576, 216],
           [576, 540]]
type = "Color"
valid_from = 2026-04-01

[[camera.zone]]
token = "building-site"
reason = "工事中の住宅の玄関"
polygon = [["1/10", "1/10"], ["2/10", "1/10"], ["2/10", "3/10"]]
valid_from = 2026-06-01
valid_until = 2026-09-30

[[camera]]
id = "arcade"
place = "アーケード南口 梁（地上5m）"
view = "アーケード内の通路、南口から北へ約30m"
installed_on = 2026-04-01
nothing_private = "通路と店舗の外壁だけが写り、住宅の窓は写らない"

[storage]
place = "商店街事務所 2階資料室"
measures = ["記録装置は施錠した収納箱に設置する", "記録媒体は施錠のできる保管庫に保管する"]
disposal = "破砕又は専用の装置による完全な消去"

[retention]
recording_days = 14
copies_days = 30
register_years = 5

[disclosure]
reception = "設置者の事務所において書面により受け付ける"
view_place = "商店街事務所 会議室"
identity_documents = ["運転免許証", "旅券", "警察手帳その他の身分を示す証票"]
media = ["暗号化したファイルを記録した光ディスク"]

[complaints]
answer_days = 14

[network]
connected = true
measures = ["ウイルス対策ソフトウェアの使用", "初期パスワードの変更"]

[inspection]
interval_days = 90
checklist = ["カメラの向き及び撮影範囲が規程のとおりである", "レンズに汚れがない"]

[briefing]
how = "総会での説明及び事務所への備付け"

[[contractor]]
id = "maintenance"
name = "株式会社中央防犯設備"
tasks = ["保守点検", "故障時の修理"]
briefed_on = 2026-04-01
access_ends = 2027-03-31
"""


def site_text(*changes: tuple[str, str]) -> bytes:
    """The good rules, with each first text replaced by its second, once; the first must be there."""
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def keyed(text: bytes, key_id: str) -> bytes:
    """Those rules with that key for their manager."""
    return text.replace(b'id = "sato"\n', f'id = "sato"\nkey = "{key_id}"\n'.encode(), 1)


def line_of(part: str, text: bytes | str = GOOD) -> int:
    """The line in which `part` first stands."""
    whole = text if isinstance(text, str) else text.decode()
    return whole[: whole.index(part)].count("\n") + 1
