"""The intermediate representation: typed, hierarchical, immutable."""
