"""Modules in their printed form."""

from pathlib import Path

NORM = Path(__file__).with_name("norm.ir").read_text(encoding="utf-8")
"""A model of two instances of a block with two modes, and a function."""
