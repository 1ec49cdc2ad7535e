"""How the page of a report looks, on a screen and on A4 paper."""

from __future__ import annotations

from privmask.report.scale import HATCH, HATCHED, HEAT


def page_style() -> str:
    """The style sheet; the page's policy allows just these bytes."""
    heat = "".join(f".heat{place}{{background:rgb{color}}}" for place, color in enumerate(HEAT))
    stripes = f"rgb{HATCHED} 0 4px,rgb{HATCH} 4px 6px"
    return f"{_STYLE}{heat}.hatched{{background:repeating-linear-gradient(135deg,{stripes})}}"


_STYLE = """
@page{size:A4;margin:14mm}
*{box-sizing:border-box;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{margin:0 auto;padding:20px;max-width:190mm;background:#fff;color:#111;
font:14px/1.5 "Noto Sans JP","Noto Sans CJK JP","Hiragino Sans","Yu Gothic",Meiryo,IPAPGothic,sans-serif}
h1{font-size:17px;margin:0 0 12px}h2{font-size:17px;margin:26px 0 8px;border-bottom:2px solid #111}
h3{font-size:15px;margin:14px 0 4px}p{margin:2px 0}bdi,code{overflow-wrap:anywhere}code{font-size:11px}
[lang=en]{color:#555;font-size:.88em}h1 [lang=en],h2 [lang=en],h3 [lang=en]{color:inherit}
.verdict{display:flex;gap:18px;align-items:center;padding:16px 20px;border:4px solid;border-radius:8px}
.verdict strong{display:block;font-size:26px;line-height:1.25}.verdict p{margin-top:6px}
.verdict ul,.caution ul{margin:6px 0 0;padding:0;list-style:none}
.verdict li,.caution li{margin-top:4px}.verdict li p,.caution li p{margin-left:1.6em;font-size:12px}
.caution{margin-top:8px;padding:8px 20px;border:2px solid #8f5b00;border-radius:8px;background:#fff9ec}
.mark{font-size:64px;line-height:1}.verdict [lang=en]{color:inherit}
.verdict.good{background:#e3f3e6;border-color:#176b2c;color:#0d4a1d}
.verdict.bad{background:#fde5e7;border-color:#b00020;color:#8a0019}
.verdict.open{background:#fff1d6;border-color:#8f5b00;color:#6b4400}
table{width:100%;border-collapse:collapse}th,td{padding:5px 8px;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}
.facts{margin-top:14px}.facts th{width:31%;font-weight:600}.facts [lang=en],.checks td:last-child>[lang=en]{display:block}
.checks td:first-child{width:2.4em;text-align:right}.checks td:nth-child(2){width:8.6em}
.checks td:nth-child(2) b{white-space:nowrap}
.checks td:last-child p{color:#333;font-size:12px}.checks small{display:block}
.checks .good b{color:#176b2c}.checks .bad b{color:#b00020}.checks .open b{color:#8f5b00}.checks .aside b{color:#666}
.checks .bad{background:#fde5e7}.checks .open{background:#fff1d6}
figure{margin:0 0 18px;padding:6px;border:1px solid #999}figure.bad{border:3px solid #b00020}
img{display:block;margin:0 auto;max-width:100%;max-height:150mm}figcaption{padding:6px 4px 0}ol{margin:2px 0}
.scale{display:flex;flex-wrap:wrap;gap:6px 10px;margin:4px 0 8px;font-size:12px}
.scale span{display:inline-block}.scale i{display:block;width:54px;height:16px}
figure,tr,.verdict,.caution,li{break-inside:avoid}h2,h3{break-after:avoid}footer{margin-top:20px;color:#666;font-size:12px}
@media print{body{padding:0;max-width:none;font-size:11px}.verdict strong{font-size:22px}
.mark{font-size:52px}img{max-height:86mm}}
"""
