"""The data of the examples, which the projects of `dlmc new` start with."""
