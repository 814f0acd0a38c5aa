"""A model that is still to be written."""
