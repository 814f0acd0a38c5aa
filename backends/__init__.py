"""The targets: one folder each, and what the Python-writing ones share."""
