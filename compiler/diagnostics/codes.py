"""Every diagnostic code that elaboration and backends use, with its title.

Codes are stable: one that is no longer used is not given to something else. The codes
E01xx, of broken syntax, stand in `dlmc.grammar.faults`.
"""

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "E0001": "file cannot be read",
    "E0002": "nothing declared",
    "E0003": "nesting too deep or value too large",
    "E0004": "not supported yet",
    "E0201": "unknown name",
    "E0202": "name declared twice",
    "E0203": "unknown argument",
    "E0204": "missing or surplus argument",
    "E0205": "unknown setting",
    "E0206": "called otherwise here",
    "E0207": "recursion",
    "E0208": "unknown attribute",
    "E0301": "operation does not fit its operands",
    "E0302": "input does not fit the declared type",
    "E0303": "dtypes differ",
    "E0304": "shapes differ",
    "E0305": "output does not fit the declared type",
    "E0306": "dimension is not a size",
    "E0307": "division leaves a rest",
    "E0308": "unknown dtype",
    "E0309": "model input without a full type",
    "E0310": "value of another kind expected",
    "E0311": "training and inference disagree",
    "E0312": "misplaced statement",
    "E0313": "index out of range",
    "E0501": "data file cannot be read",
    "E0502": "unknown column",
    "E0503": "field does not fit its type",
    "E0504": "split does not add up",
    "E0505": "model input without a field",
    "E0601": "missing setting",
    "E0602": "loss or metric is not a scalar",
    "E0603": "setting has no such value",
    "E0701": "target cannot express it",
}
