"""The tamper drill: one good copy of each kind, and one function for each way of tampering with it.

`VECTORS` is all of them, each with the check that must fail and the words that it must say.
"""

from tests.tampering import extras, packets, papers, pictures
from tests.tampering.copies import Kind, make_scene
from tests.tampering.scene import Scene
from tests.tampering.vectors import VECTORS, Vector

__all__ = ["VECTORS", "Kind", "Scene", "Vector", "extras", "make_scene", "packets", "papers", "pictures"]
