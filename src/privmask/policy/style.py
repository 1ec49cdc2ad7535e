"""How the rules and the sign look on paper. Fonts are those of the machine; nothing is fetched."""

from __future__ import annotations

MINCHO = (
    '"Noto Serif CJK JP","Noto Serif JP","Hiragino Mincho ProN","Yu Mincho","YuMincho","MS Mincho",'
    '"IPAexMincho","IPAMincho",serif'
)
GOTHIC = (
    '"Noto Sans CJK JP","Noto Sans JP","Hiragino Kaku Gothic ProN","Yu Gothic","YuGothic",Meiryo,'
    '"IPAexGothic","IPAPGothic",sans-serif'
)

SHORTEST_SIZED, LONGEST_SIZED = 8, 24
"""Numbers of letters for which the sign's text has a size that fills one line."""

RULES_STYLE = f"""
@page{{size:A4;margin:24mm 22mm 22mm;@bottom-center{{content:counter(page);font:9pt {MINCHO}}}}}
*{{box-sizing:border-box;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
html{{background:#e9e9e6}}
body{{margin:24px auto;padding:24mm 22mm;width:210mm;max-width:100%;background:#fff;color:#000;
font:10.5pt/1.72 {MINCHO};text-align:justify;line-break:strict;overflow-wrap:anywhere}}
h1{{margin:0 0 1.4em;font-size:16pt;line-height:1.5;font-weight:bold;text-align:center;text-wrap:balance}}
.dates{{margin:0 0 1.4em;text-align:right}}.dates p{{margin:0}}
h2{{margin:1em 0 0;font-size:1em;font-weight:bold;break-after:avoid;text-indent:.5em}}
p{{margin:0}}article p,article li{{padding-left:1em;text-indent:-1em}}
ol{{margin:0;padding:0 0 0 1em;list-style:none}}article li{{padding-left:2.5em;text-indent:-2.5em}}
article{{orphans:3;widows:3}}article h2+p{{break-before:avoid}}
section.annex{{margin-top:2.4em}}section.annex.new{{break-before:page;margin-top:0}}
th.wide{{width:34%}}
section.annex h2{{margin:0 0 .5em;text-indent:0}}
table{{width:99.7%;border-collapse:collapse;font-size:9.5pt;line-height:1.55;text-align:left}}
th,td{{border:.5pt solid #000;padding:1.4mm 2mm;vertical-align:top}}
th{{white-space:nowrap;background:#efefef;font-weight:bold;text-align:center;vertical-align:middle}}thead{{display:table-header-group}}
tr{{break-inside:avoid}}
td{{white-space:pre-line}}td.short{{white-space:pre}}.when{{margin:0 0 .6em;break-after:avoid;text-align:right;white-space:pre}}
.closing{{margin-top:2em;break-inside:avoid}}.closing h2{{text-indent:3em;margin:0 0 .2em}}
.seal{{display:flex;justify-content:flex-end;margin-top:1.8em;break-inside:avoid}}
.seal table{{width:auto;min-width:92mm}}.seal td{{padding:2.2mm 3mm}}.seal .box{{width:24mm;text-align:center;color:#888}}
footer{{margin-top:2.6em;padding-top:.6em;border-top:.5pt solid #000;font-size:8pt;line-height:1.5;color:#333;text-align:left;
break-inside:avoid}}footer p{{margin:0}}code{{font-family:"Noto Sans Mono CJK JP","DejaVu Sans Mono",monospace;font-size:.95em}}
@media print{{html{{background:none}}body{{margin:0;padding:0;width:auto}}}}
"""

SIGN_STYLE = f"""
*{{box-sizing:border-box;margin:0;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
html{{background:#e9e9e6}}html,body{{height:100%}}
body{{display:flex;align-items:center;justify-content:center;font-family:{GOTHIC};color:#0a0a0a}}
main{{display:flex;flex-direction:column;width:min(100vw,141.43vh);aspect-ratio:297/210;container-type:size;
border:2.2cqh solid #fff;background:#fff}}
.top{{flex:1;min-height:0;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:2cqh;background:#ffd800;
border:1.3cqh solid #0a0a0a;border-bottom:0;border-radius:3cqh 3cqh 0 0;padding:2cqh 3cqw}}
.top svg{{flex:0 1 25cqh;min-height:0;width:auto}}
h1{{font-weight:800;line-height:1.1;white-space:nowrap;letter-spacing:.02em}}
h1.many{{white-space:normal;text-align:center;font-size:3.3cqw}}
.long,.longer,.longest{{display:block}}.long{{font-size:.78em}}.longer{{font-size:.6em}}.longest{{font-size:.4em}}
.en{{font-size:4.6cqh;font-weight:700;letter-spacing:.14em}}
.bottom{{display:grid;grid-template-columns:max-content 1fr;align-items:center;column-gap:3cqw;row-gap:1.1cqh;background:#fff;
border:1.3cqh solid #0a0a0a;border-radius:0 0 3cqh 3cqh;padding:2.6cqh 4cqw;font-weight:700;line-height:1.25}}
dt{{font-size:4.2cqh;text-align:center;padding:.5cqh 1.6cqw;border:.35cqh solid #0a0a0a;border-radius:1cqh}}
dd{{font-size:5.6cqh;min-width:0;overflow-wrap:anywhere}}
dd small{{font-size:.66em;font-weight:700;margin-left:1.2em;white-space:nowrap}}
dd .phone{{font-size:1.25em;letter-spacing:.03em;font-variant-numeric:tabular-nums;white-space:nowrap}}
@media print{{html{{background:none}}main{{width:100vw;height:100vh;aspect-ratio:auto}}}}
"""
SIGN_STYLE += "".join(
    f".size{count}{{font-size:{84 / count:.1f}cqw}}" for count in range(SHORTEST_SIZED, LONGEST_SIZED + 1)
)
