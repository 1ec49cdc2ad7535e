"""The 閲覧・提供記録簿 as a page to be printed (A4, landscape) and as a table for a spreadsheet.

Both are for people of the site and hold names. What stands in them was typed by somebody: it is escaped on the page, and no
cell of the table can be taken for a formula.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from html import escape
from itertools import groupby

from privmask.register.ledger import COLUMNS, Column, Row, day_and_time, rows
from privmask.register.receipts import Receipt, grouped_rows
from privmask.register.register import Register

TITLE = "閲覧・提供記録簿"
_FORMULA = tuple("=+-@")  # and their full-width forms, which a spreadsheet in Japanese takes for the same
_BREAKS = tuple("\t\r\n")


def export_csv(register: Register) -> bytes:
    """One line for each view, provision and refusal: UTF-8 with the mark that Excel asks for, every cell in quotes."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["記載番号", "区分", "記載日時", "記載者", *(column.title for column in COLUMNS), "記載ハッシュ"])
    for row in rows(register.entries()):
        cells = [str(row.seq), row.kind, row.at, row.actor, *row.values, row.entry_hash]
        writer.writerow(map(_harmless, cells))
    return ("\ufeff" + table.getvalue()).encode()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet computes: what could open a formula stands behind an apostrophe."""
    plain = "".join(letter if letter.isprintable() or letter in "\n\u3000" else " " for letter in cell)
    opening = unicodedata.normalize("NFKC", plain.lstrip()[:1])
    return f"'{plain}" if opening in _FORMULA or cell[:1] in _BREAKS else plain


def export_html(register: Register, at: datetime) -> bytes:
    """The same as a page in Japanese, with the register's head below it; `at` is when it was written."""
    listed, head = rows(register.entries()), register.head()
    policy = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    parts = (
        '<!DOCTYPE html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">',
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}; base-uri 'none'; form-action 'none'\">",
        f"<title>{TITLE}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<h1>防犯カメラ画像 {TITLE}</h1>",
        f"<p>設置場所　{_shown(register.site)}　／　作成　{day_and_time(at)}　／　{len(listed)} 件</p>",
        *_table(listed),
        *_foot(head),
        "</body>\n</html>\n",
    )
    return "\n".join(parts).encode()


def _table(listed: Sequence[Row]) -> Iterator[str]:
    groups = [(name, [COLUMNS.index(column) for column in columns]) for name, columns in groupby(COLUMNS, _group)]
    heads = "".join(f'<th scope="col">{name}</th>' for name, _ in groups)
    yield f'<table>\n<thead><tr><th scope="col">記載</th>{heads}</tr></thead>\n<tbody>'
    for row in listed:
        cells = "".join(f"<td>{''.join(_line(row, place) for place in places)}</td>" for _, places in groups)
        first = f"<b>{row.seq}</b> <strong>{escape(row.kind)}</strong><div>{row.at}</div><div>{_shown(row.actor)}</div>"
        yield f"<tr><td>{first}<code>{row.entry_hash[:16]}</code></td>{cells}</tr>"
    if not listed:
        yield f'<tr><td colspan="{len(groups) + 1}">閲覧・提供・拒否の記載はありません。</td></tr>'
    yield "</tbody>\n</table>"


def _group(column: Column) -> str:
    return column.group


def _line(row: Row, place: int) -> str:
    value = row.values[place]
    return f"<div><small>{COLUMNS[place].title}</small> {_shown(value)}</div>" if value else ""


def _foot(head: Receipt) -> Iterator[str]:
    digits = "　".join(grouped_rows(head.entry_hash))
    yield f"<footer><p>台帳の末尾　記載 {head.seq}　{head.at.isoformat(sep=' ')}<br><code>{digits}</code></p>"
    yield "<p>「消去済」は、保存期間を過ぎて消去した個人情報です。この記録簿は台帳の写しで、正しさは台帳の検証によります。</p>"
    yield '<table class="seal"><tr><th>管理責任者</th><th>確認日</th></tr><tr><td></td><td></td></tr></table></footer>'


def _shown(text: str) -> str:
    """For the page: escaped, what nobody can see spelled out, and letters written from right to left kept to themselves."""
    plain = "".join(each if each.isprintable() or each in "\n\u3000" else f"\\u{ord(each):04x}" for each in text)
    return f"<bdi>{escape(plain)}</bdi>"


_STYLE = """
@page{size:A4 landscape;margin:10mm}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px;max-width:297mm;background:#fff;color:#111;
font:11px/1.45 "Noto Sans JP","Noto Sans CJK JP","Hiragino Sans","Yu Gothic",Meiryo,IPAPGothic,sans-serif}
h1{font-size:18px;text-align:center;letter-spacing:.2em;margin:0 0 6px}
p{margin:4px 0}
table{width:100%;border-collapse:collapse;table-layout:fixed}
th,td{border:1px solid #333;padding:4px 5px;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee;text-align:center;font-weight:600;print-color-adjust:exact;-webkit-print-color-adjust:exact}
thead{display:table-header-group}tr{break-inside:avoid}
bdi{white-space:pre-line}small{display:block;color:#555;font-size:.8em;line-height:1.2;margin-top:2px}code{font-size:.9em;overflow-wrap:anywhere}
footer{margin-top:10px;break-inside:avoid}.seal{width:70mm;margin-left:auto}.seal td{height:14mm}
@media print{body{padding:0;max-width:none;font-size:8.5pt}}
"""
