"""What drawing needs everywhere: lots, words, colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from glyphs import Colour

T = TypeVar("T")
DIGITS, LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HIRAGANA = "あいうえかきくけこさすせそたちつてとなにぬねのはひふほまみむめもやゆよらりるれろわを"
AREAS = (  # noqa: SIM905
    "品川 練馬 足立 多摩 八王子 横浜 川崎 湘南 相模 大宮 所沢 熊谷 春日部 千葉 習志野 野田 "
    "成田 水戸 土浦 つくば 宇都宮 那須 群馬 高崎 札幌 函館 旭川 青森 八戸 岩手 盛岡 宮城 仙台 "
    "秋田 山形 庄内 福島 会津 いわき 新潟 長岡 富山 石川 金沢 福井 山梨 富士山 長野 松本 岐阜 "
    "飛騨 静岡 浜松 沼津 伊豆 名古屋 豊橋 三河 岡崎 豊田 尾張小牧 一宮 三重 鈴鹿 滋賀 京都 "
    "なにわ 大阪 和泉 堺 神戸 姫路 奈良 和歌山 鳥取 島根 岡山 倉敷 広島 福山 山口 下関 徳島 "
    "香川 愛媛 高知 福岡 北九州 久留米 筑豊 佐賀 長崎 佐世保 熊本 大分 宮崎 鹿児島 沖縄"
).split()
STATES = (  # noqa: SIM905
    "CALIFORNIA TEXAS FLORIDA NEW-YORK OHIO GEORGIA MICHIGAN ILLINOIS VIRGINIA ARIZONA OREGON NEVADA UTAH "
    "MAINE INDIANA KANSAS Missouri Tennessee Colorado Washington Maryland Alabama Kentucky Oklahoma Ontario "
    "Quebec Alberta"
).split()
SLOGANS = (
    "dmv.ca.gov",
    "Sunshine State",
    "Lone Star",
    "Garden State",
    "In God We Trust",
    "Birthplace of Aviation",
    "Empire State",
    "visit us",
)
WORDS = (  # noqa: SIM905
    "hybrid turbo 4WD GT TDI GLX VX sport eco i20 320d LX V6 Custom AWD X-Trail xDrive CRDi GTS mini van"
).split()
PAINTS: tuple[Colour, ...] = (
    (235, 235, 235), (200, 202, 205), (150, 152, 155), (95, 97, 100), (40, 41, 44), (20, 20, 22), (120, 20, 25), (30, 50, 110),
    (60, 80, 70), (180, 160, 120), (215, 170, 40), (110, 60, 40), (70, 110, 160), (235, 230, 210),
)  # fmt: skip


def pick(rng: np.random.Generator, values: Sequence[T]) -> T:
    """One of the values, each as likely."""
    return values[int(rng.integers(len(values)))]


def some(rng: np.random.Generator, pattern: str) -> str:
    """The pattern with every 9 made a digit and every A a letter."""
    return "".join(pick(rng, DIGITS) if c == "9" else pick(rng, LETTERS) if c == "A" else c for c in pattern)


def shade(rng: np.random.Generator, colour: Colour, spread: int = 22) -> Colour:
    """The colour, a little off: paint, age and dust."""
    values = np.clip(np.asarray(colour) + rng.normal(0, spread / 2) + rng.normal(0, spread / 3, 3), 0, 255)
    return (int(values[0]), int(values[1]), int(values[2]))
