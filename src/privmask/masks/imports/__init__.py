"""Zones that somebody drew elsewhere, as plans: for ONVIF cameras, ZoneMinder, motion, Frigate, CVAT, labelme and COCO.

Each module reads one format and knows whence and whither its coordinates count; `safely` bounds what a hostile file may cost;
`bitmap` finds the outlines of a picture of masked pixels; `plans` makes one plan of it all and `writing` its text. What is
rounded goes outward, what cannot be read is an error with its place in the file, and what is left out is told: a zone that
got lost on the way would leave somebody visible.
"""

from privmask.masks.imports.found import Wishes
from privmask.masks.imports.onvif import write as as_onvif
from privmask.masks.imports.plans import SOURCES, Imported, import_zones
from privmask.masks.imports.writing import save_new

__all__ = ["SOURCES", "Imported", "Wishes", "as_onvif", "import_zones", "save_new"]
