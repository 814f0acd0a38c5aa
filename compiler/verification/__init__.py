"""Comparing what targets compute with what a program means: `dlmc verify`."""
