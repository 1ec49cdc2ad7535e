"""What a verification found, for people: a page with its verdict and pictures (`write_report`), and a heat map.

`privmask.differing` looks on while a copy is verified; `figures`, `heatmap` and `legend` draw what it kept, and need Pillow and
numpy. The page itself needs neither, and says what it has no picture of.
"""

from privmask.report.page import report_page, write_report
from privmask.report.paper import visible

__all__ = ["report_page", "visible", "write_report"]
