"""Initial weights by PyTorch's own initialisers.

Where all layers of a class start alike, one function says so for the whole model;
otherwise, and for parameters that a block owns itself, the constructor does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.torch.quoting import quote
from dlmc.initializers import UNCUT, Scaling, fans, scaling
from dlmc.ir.module import Initializer, Module, Parameter
from dlmc.ir.traced import origin_of, plain

INITIALIZE = "initialize"
"""The name of the function that gives a model its initial weights."""

# What torch's own constructors do.
_DEFAULTS = {
    **{
        (f"{kind}Norm", name): start
        for kind in ("Batch", "Layer", "Group", "Instance", "RMS")
        for name, start in (("weight", "ones"), ("bias", "zeros"))
    },
    ("PReLU", "weight"): "constant",  # which its constructor is given
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
    "variance_scaling": "variance-scaled",
    "normal": "normal",
    "truncated_normal": "truncated-normal",
    "uniform": "uniform",
}


_FANS = ("fan_in", "fan_out")

Write = Callable[[Any], py.Expression]


def statements(
    tensor: py.Expression,
    shape: Sequence[Any],
    initializer: Initializer,
    write: Write = expression_of,
) -> list[py.Statement]:
    """Give a tensor its first numbers; `write` writes numbers of the program."""
    given = dict(initializer.arguments)
    name = initializer.name
    scaled = scaling(initializer)
    if scaled is not None:
        return _by_fans(tensor, shape, initializer, scaled, write)
    options: dict[str, Any] = {}
    if name == "truncated_normal":
        mean, std = given.get("mean", 0.0), given["std"]
        options = {"mean": mean} if mean else {}
        options |= {"std": std, "a": mean - 2 * std, "b": mean + 2 * std}
    else:
        options = given
    template = _TEMPLATES[name]
    written = {key: write(value) for key, value in options.items()}
    return [py.Evaluate(quote(template, w=tensor, o=written, **written))]


def _by_fans(
    tensor: py.Expression,
    shape: Sequence[Any],
    initializer: Initializer,
    scaled: Scaling,
    write: Write,
) -> list[py.Statement]:
    """Torch counts fans from a tensor's shape; where the program counts others, so."""
    given = dict(initializer.arguments)
    sizes = tuple(map(plain, shape))
    own = dict(zip(_FANS, fans(sizes), strict=True))
    wanted = dict(
        zip(_FANS, fans(sizes, *(plain(given.get(n)) for n in _FANS)), strict=True)
    )
    counted = _FANS if scaled.fan == "fan_avg" else (scaled.fan,)
    same = sum(own[n] for n in counted) == sum(wanted[n] for n in counted)
    if same and len(shape) >= 2 and initializer.name in _BY_FANS:
        template = _BY_FANS[initializer.name]
        slope = given.get("a", 0.0)
        if slope:
            template = template.replace('nonlinearity="relu"', "a={a}")
        return [py.Evaluate(quote(template, w=tensor, a=write(slope)))]
    scale = scaled.scale
    fan, *others = (write(given.get(n, wanted[n])) for n in counted)
    for other in others:
        scale, fan = 2 * scale, _sum(fan, other)
    if scaled.distribution == "uniform":
        scale = 3 * scale
    size = quote("math.sqrt({n} / {fan})", n=write(_whole(scale)), fan=fan)
    if scaled.distribution == "uniform":
        return [
            py.Assign(py.Name("bound"), size),
            py.Evaluate(quote("nn.init.uniform_({w}, -bound, bound)", w=tensor)),
        ]
    if scaled.distribution == "normal":
        return [py.Evaluate(quote("nn.init.normal_({w}, std={s})", w=tensor, s=size))]
    return [
        # Cutting at two deviations takes some of the variance.
        py.Assign(py.Name("std"), quote("{uncut} * {s}", uncut=UNCUT, s=size)),
        py.Evaluate(
            quote(
                "nn.init.trunc_normal_({w}, std=std, a=-2 * std, b=2 * std)", w=tensor
            )
        ),
    ]


def _whole(number: Any) -> Any:
    """A number as one would write it: 6 for 6.0."""
    value = plain(number)
    return int(value) if origin_of(number) is None and value == int(value) else number


def _sum(a: py.Expression, b: py.Expression) -> py.Expression:
    if isinstance(a, py.Literal) and isinstance(b, py.Literal):
        return py.Literal(a.value + b.value)
    return py.Binary(a, "+", b)


def is_default(layer: str, parameter: str, initializer: Initializer) -> bool:
    """Whether a layer's own constructor starts a parameter so; `layer` is its class."""
    kind = layer.removeprefix("nn.").rstrip("123d")
    return _DEFAULTS.get((kind, parameter)) == initializer.name


@dataclass(frozen=True)
class Start:
    """How a parameter of one native layer starts: `layer` is its class."""

    layer: str
    parameter: Parameter

    @property
    def statements(self) -> tuple[py.Statement, ...]:
        """The code, over `module`."""
        tensor = py.Attribute(py.Name("module"), self.parameter.name)
        initializer = Initializer(
            self.parameter.initializer.name,
            tuple((n, plain(v)) for n, v in self.parameter.initializer.arguments),
        )
        return tuple(statements(tensor, self.parameter.type.shape, initializer))


class Rules:
    """What all layers of a class have in common, over a whole model."""

    def __init__(self, layers: Iterable[tuple[str, Module]]) -> None:
        self.optional: set[tuple[str, str]] = set()
        """Parameters, by class, that not all layers of the class have."""
        found: dict[str, dict[str, list[Start]]] = {}
        counts: Counter[str] = Counter()
        for layer, module in layers:
            counts[layer] += 1
            own = found.setdefault(layer, {})
            for parameter in module.parameters:
                own.setdefault(parameter.name, []).append(Start(layer, parameter))
        self.owned = {layer: frozenset(own) for layer, own in found.items()}
        """The parameters of each class."""
        self.rules: dict[str, dict[str, tuple[py.Statement, ...]]] = {}
        self.names: dict[str, dict[str, str]] = {}
        for layer, parameters in found.items():
            for name, starts in parameters.items():
                if len(starts) < counts[layer]:
                    self.optional.add((layer, name))
                if all(_is_default(start) for start in starts):
                    continue
                code = {start.statements for start in starts}
                if len(code) == 1:
                    self.rules.setdefault(layer, {})[name] = starts[0].statements
                    kind = starts[0].parameter.initializer.name
                    self.names.setdefault(layer, {})[name] = kind

    def cover(self, layer: str, parameter: str) -> bool:
        """Whether the function `initialize` starts a parameter of a class."""
        return parameter in self.rules.get(layer, {})

    def function(self) -> py.Function | None:
        """The function `initialize`, if any layer needs it."""
        if not self.rules:
            return None
        groups: list[tuple[list[str], dict[str, tuple[py.Statement, ...]]]] = []
        for layer in sorted(self.rules):
            rule = self.rules[layer]
            for layers, other in groups:
                if self._agree({layer: rule, **dict.fromkeys(layers, other)}):
                    layers.append(layer)
                    other |= rule
                    break
            else:
                groups.append(([layer], dict(rule)))
        branches: tuple[py.Statement, ...] = ()
        for layers, rule in reversed(groups):
            condition = quote("isinstance(module, {kinds})", kinds=_union(layers))
            match self._body(layers, rule), branches:
                case (py.If(present, body, ()),), ():
                    both = quote("{a} and {b}", a=condition, b=present)
                    branches = (py.If(both, body),)
                case body, _:
                    branches = (py.If(condition, body, branches),)
        return py.Function(
            INITIALIZE,
            (py.Parameter("module", quote("nn.Module")),),
            branches,
            quote("None"),
            self._documentation(),
        )

    def _agree(
        self, rules: Mapping[str, Mapping[str, tuple[py.Statement, ...]]]
    ) -> bool:
        """Whether one branch serves classes: all have its parameters start so."""
        together = {
            name: code for rule in rules.values() for name, code in rule.items()
        }
        return all(
            rule[name] == code if name in rule else name not in self.owned[layer]
            for layer, rule in rules.items()
            for name, code in together.items()
        )

    def _body(
        self, layers: Sequence[str], rule: Mapping[str, tuple[py.Statement, ...]]
    ) -> tuple[py.Statement, ...]:
        body: list[py.Statement] = []
        for name, code in rule.items():
            missing = any(
                (layer, name) in self.optional or name not in self.rules[layer]
                for layer in layers
            )
            if missing:
                condition = quote(f"module.{name} is not None")
                body.append(py.If(condition, code))
            else:
                body += code
        return tuple(body)

    def _documentation(self) -> str:
        kinds = {tuple(sorted(names.items())) for names in self.names.values()}
        weights = {
            names["weight"] for names in self.names.values() if "weight" in names
        }
        biases = {names["bias"] for names in self.names.values() if "bias" in names}
        if len(weights) != 1 or len(biases) > 1 or not kinds:
            return "The initial weights of each kind of layer."
        (weight,) = weights
        text = f"{_NAMES.get(weight, weight)} weights"
        text = text[0].upper() + text[1:]
        if biases:
            (bias,) = biases
            text += f" and {_NAMES.get(bias, bias)} biases"
        return f"{text}."


def _is_default(start: Start) -> bool:
    return is_default(start.layer, start.parameter.name, start.parameter.initializer)


def _union(layers: Sequence[str]) -> py.Expression:
    kinds = [quote(layer) for layer in layers]
    union = kinds[0]
    for kind in kinds[1:]:
        union = py.Binary(union, "|", kind)
    return union
