"""What is said where a program cannot go on: what was found, and what may stand there.

Each rule looks at the place for one mistake that people make; the first rule that knows
it speaks. Where none does, the message names what the grammar could go on with.
"""

from collections.abc import Callable

from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.messages import brackets, habits, misplaced, missing
from dlmc.grammar.messages.expected import called, described, form
from dlmc.grammar.messages.place import Place


def explain(place: Place) -> SyntaxFault:
    """What is wrong at a place."""
    for rule in _RULES:
        if fault := rule(place):
            return fault
    message = f"expected {described(place)}, found {called(place.found)}"
    return SyntaxFault("E0101", place.found.span, message, form(place))


_RULES: tuple[Callable[[Place], SyntaxFault | None], ...] = (
    habits.prefixed_string,
    habits.dotted_type,
    habits.dotted_name,
    habits.bare_point,
    missing.name,
    habits.slash_comment,
    habits.word,
    misplaced.misspelt_word,
    habits.compound_assignment,
    habits.spaced_percent,
    brackets.unclosed,
    misplaced.documentation,
    brackets.unopened,
    misplaced.declaration,
    habits.trailing_condition,
    misplaced.statement,
    habits.starred_argument,
    habits.colon_body,
    habits.type_of_setting,
    habits.equal_for_colon,
    habits.colon_for_equal,
    habits.double_equal,
    habits.second_equal,
    habits.separating_comma,
    habits.comprehension,
    habits.chained_comparison,
    misplaced.second_range,
    missing.choice_as_statement,
    missing.used_names,
    misplaced.operator_after_stage,
    missing.incomplete_choice,
    brackets.lone_else,
    habits.missing_brace,
    habits.dictionary,
    misplaced.bare_operand,
    misplaced.reserved_word,
    missing.value,
    missing.type,
    missing.output_value,
    missing.axis,
    missing.comma,
    misplaced.several_values,
    misplaced.juxtaposed,
    missing.equal,
    misplaced.unused_value,
)
