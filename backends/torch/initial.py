"""Initial weights by PyTorch's own initialisers.

Where all layers of a class start alike, one function says so for the whole model;
otherwise, and for parameters that a block owns itself, the constructor does.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.torch.quoting import quote
from dlmc.ir.module import Initializer, Module, Parameter
from dlmc.ir.traced import plain

INITIALIZE = "initialize"
"""The name of the function that gives a model its initial weights."""

# What torch's own constructors do.
_DEFAULTS = {
    ("BatchNorm", "weight"): "ones",
    ("BatchNorm", "bias"): "zeros",
    ("LayerNorm", "weight"): "ones",
    ("LayerNorm", "bias"): "zeros",
}

_TEMPLATES = {
    "zeros": "nn.init.zeros_({w})",
    "ones": "nn.init.ones_({w})",
    "constant": "nn.init.constant_({w}, {value})",
    "identity": "nn.init.eye_({w})",
    "uniform": "nn.init.uniform_({w}, {low}, {high})",
    "normal": "nn.init.normal_({w}, **{o})",
    "truncated_normal": "nn.init.trunc_normal_({w}, **{o})",
    "orthogonal": "nn.init.orthogonal_({w}, **{o})",
}

# By name: the template where torch computes the fans as the program does.
_BY_FANS = {
    "glorot_uniform": "nn.init.xavier_uniform_({w})",
    "glorot_normal": "nn.init.xavier_normal_({w})",
    "he_uniform": 'nn.init.kaiming_uniform_({w}, nonlinearity="relu")',
    "he_normal": 'nn.init.kaiming_normal_({w}, nonlinearity="relu")',
    "lecun_uniform": 'nn.init.kaiming_uniform_({w}, nonlinearity="linear")',
    "lecun_normal": 'nn.init.kaiming_normal_({w}, nonlinearity="linear")',
}

_NAMES = {
    "zeros": "zero",
    "ones": "one",
    "glorot_uniform": "Glorot-uniform",
    "glorot_normal": "Glorot-normal",
    "he_uniform": "He-uniform",
    "he_normal": "He-normal",
    "lecun_uniform": "LeCun-uniform",
    "lecun_normal": "LeCun-normal",
    "orthogonal": "orthogonal",
    "normal": "normal",
    "truncated_normal": "truncated-normal",
    "uniform": "uniform",
}
