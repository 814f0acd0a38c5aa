"""Everything that a program can use by name, as its users read about it.

The library, the primitives, the initialisers and the compile-time functions each know
their own signature and documentation; this package brings them into one form.
"""

from dlmc.catalogue.contents import Catalogue, catalogue
from dlmc.catalogue.entry import Entry, Group, Owned
from dlmc.catalogue.samples import Sample

__all__ = ["Catalogue", "Entry", "Group", "Owned", "Sample", "catalogue"]
