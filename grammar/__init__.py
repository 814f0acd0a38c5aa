"""The text of DLM programs: grammar, parser, syntax tree."""
