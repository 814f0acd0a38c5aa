"""`python -m dlmc.grammar` makes the parse tables anew after a change of the grammar.

See `tables.py` for why they are kept.
"""

from dlmc.grammar.tables import GRAMMAR, TABLES, compiled, to_json

TABLES.write_text(to_json(compiled(GRAMMAR.read_bytes())), encoding="utf-8")
