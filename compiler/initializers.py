"""How parameters and states start: distributions by name, and the draw of all of them.

The distributions are those of torch's `nn.init`; the names are Keras's. Where the two
differ (Keras cuts its "normal" ones at two deviations) torch's holds, and what is cut
is called so.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlmc.ir.module import Initializer, Module, Weight, weights
from dlmc.ir.traced import plain
from dlmc.primitives.arrays import Array, np, numpy_dtype

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InitializerDefinition:
    """An initialiser: its arguments with defaults, and how it draws an f64 array."""

    name: str
    parameters: Mapping[str, Any]
    """Defaults by name, in order; `inspect.Parameter.empty` for required ones."""
    documentation: str
    sample: Callable[..., Array]
    """`sample(rng, shape, **arguments)`."""
    min_rank: int = 0
    """The fewest axes that a tensor it starts may have."""
    max_rank: int | None = None
    """The most axes, where there is a limit."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What an argument that is a string can be."""
    positive: frozenset[str] = frozenset()
    """Arguments that must be above 0."""

    ordered: tuple[str, ...] = ()
    """Arguments none of which may be more than the next."""

    def fault(self, name: str, value: Any, before: Mapping[str, Any]) -> str | None:
        """What is wrong with an argument beside those before it, if anything is."""
        if name in self.choices:
            if value in self.choices[name]:
                return None
            *others, last = (f'"{choice}"' for choice in self.choices[name])
            return f"`{name}` of `{self.name}` is {', '.join(others)} or {last}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"`{name}` of `{self.name}` is a number"
        if name in self.positive and not 0 < value < math.inf:
            return f"`{name}` of `{self.name}` is above 0"
        if not math.isfinite(value):
            return f"`{name}` of `{self.name}` is a finite number"
        if name in self.ordered[1:]:
            less = self.ordered[self.ordered.index(name) - 1]
            if less in before and before[less] > value:
                return f"`{name}` of `{self.name}` is `{less}` or more"
        return None


INITIALIZERS: dict[str, InitializerDefinition] = {}
"""Every initialiser by name."""


Sample = Callable[..., Array]


def initializer(
    *,
    min_rank: int = 0,
    max_rank: int | None = None,
    positive: str = "",
    ordered: tuple[str, ...] = (),
    **choices: tuple[str, ...],
) -> Callable[[Sample], Sample]:
    """Register a function whose keyword-only parameters are the arguments in DLM."""

    def register(sample: Sample) -> Sample:
        parameters = {
            p.name: p.default
            for p in inspect.signature(sample).parameters.values()
            if p.kind is inspect.Parameter.KEYWORD_ONLY
        }
        name = sample.__name__
        INITIALIZERS[name] = InitializerDefinition(
            name,
            parameters,
            inspect.getdoc(sample) or "",
            sample,
            min_rank,
            max_rank,
            choices,
            frozenset(positive.split()),
            ordered,
        )
        return sample

    return register


def fans(
    shape: Shape, fan_in: int | None = None, fan_out: int | None = None
) -> tuple[int, int]:
    """How many values go into and come out of one unit, where the program says nothing.

    A weight is [O, I, kernel…]: fan_in = I * kernel, fan_out = O * kernel. A tensor of
    one axis has its size for both.
    """
    if len(shape) < 2:
        inner = outer = math.prod(shape)
    else:
        kernel = math.prod(shape[2:])
        inner, outer = shape[1] * kernel, shape[0] * kernel
    # A tensor of no element has a start too, and nothing is drawn for it.
    return (
        max(inner if fan_in is None else fan_in, 1),
        max(outer if fan_out is None else fan_out, 1),
    )


@initializer()
def zeros(rng: "np.random.Generator", shape: Shape) -> Array:
    """All 0."""
    return np.zeros(shape)


@initializer()
def ones(rng: "np.random.Generator", shape: Shape) -> Array:
    """All 1."""
    return np.ones(shape)


@initializer()
def constant(rng: "np.random.Generator", shape: Shape, *, value: float) -> Array:
    """All `value`."""
    return np.full(shape, value, np.float64)


@initializer(min_rank=2, max_rank=2)
def identity(rng: "np.random.Generator", shape: Shape) -> Array:
    """1 on the diagonal of a matrix, 0 elsewhere."""
    rows, columns = shape
    return np.eye(rows, columns)


@initializer(ordered=("low", "high"))
def uniform(
    rng: "np.random.Generator", shape: Shape, *, low: float, high: float
) -> Array:
    """Uniform in [low, high)."""
    return rng.uniform(low, high, shape)


@initializer(positive="std")
def normal(
    rng: "np.random.Generator", shape: Shape, *, mean: float = 0.0, std: float
) -> Array:
    """Normal with a mean and a standard deviation."""
    return rng.normal(mean, std, shape)


@initializer(positive="std")
def truncated_normal(
    rng: "np.random.Generator", shape: Shape, *, mean: float = 0.0, std: float
) -> Array:
    """Normal, drawn again where it is more than two deviations from the mean.

    `std` is that of the normal before the cut; what is drawn has 0.88 of it.
    """
    drawn = np.asarray(rng.standard_normal(shape))
    while (outside := np.abs(drawn) > 2).any():
        drawn[outside] = rng.standard_normal(np.count_nonzero(outside))
    return mean + std * drawn


@initializer(positive="fan_in fan_out")
def glorot_uniform(
    rng: "np.random.Generator",
    shape: Shape,
    *,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> Array:
    """Uniform within ±sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio, 2010)."""
    bound = math.sqrt(6 / sum(fans(shape, fan_in, fan_out)))
    return rng.uniform(-bound, bound, shape)


@initializer(positive="fan_in fan_out")
def glorot_normal(
    rng: "np.random.Generator",
    shape: Shape,
    *,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> Array:
    """Normal with deviation sqrt(2 / (fan_in + fan_out)) (Glorot & Bengio, 2010)."""
    return rng.normal(0.0, math.sqrt(2 / sum(fans(shape, fan_in, fan_out))), shape)


@initializer(positive="fan_in fan_out")
def he_uniform(
    rng: "np.random.Generator",
    shape: Shape,
    *,
    a: float = 0.0,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> Array:
    """Uniform within ±sqrt(6 / ((1 + a^2) * fan_in)) (He et al., 2015).

    `a` is the slope below 0 of the leaky ReLU that follows.
    """
    bound = math.sqrt(6 / ((1 + a**2) * fans(shape, fan_in, fan_out)[0]))
    return rng.uniform(-bound, bound, shape)


@initializer(positive="fan_in fan_out")
def he_normal(
    rng: "np.random.Generator",
    shape: Shape,
    *,
    a: float = 0.0,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> Array:
    """Normal with deviation sqrt(2 / ((1 + a^2) * fan_in)) (He et al., 2015).

    `a` is the slope below 0 of the leaky ReLU that follows.
    """
    std = math.sqrt(2 / ((1 + a**2) * fans(shape, fan_in, fan_out)[0]))
    return rng.normal(0.0, std, shape)


@initializer(positive="fan_in fan_out")
def lecun_uniform(
    rng: "np.random.Generator",
    shape: Shape,
    *,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> Array:
    """Uniform within ±sqrt(3 / fan_in) (LeCun et al., 1998)."""
    bound = math.sqrt(3 / fans(shape, fan_in, fan_out)[0])
    return rng.uniform(-bound, bound, shape)


@initializer(positive="fan_in fan_out")
def lecun_normal(
    rng: "np.random.Generator",
    shape: Shape,
    *,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> Array:
    """Normal with deviation sqrt(1 / fan_in) (LeCun et al., 1998)."""
    return rng.normal(0.0, math.sqrt(1 / fans(shape, fan_in, fan_out)[0]), shape)


@dataclass(frozen=True, slots=True)
class Scaling:
    """A distribution of mean 0 and variance `scale / fan`."""

    scale: Any
    fan: str
    """`fan_in`, `fan_out`, or `fan_avg` for the mean of both."""
    distribution: str
    """`uniform`, `normal`, or `truncated_normal` at two deviations of what is cut."""


FANS = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("uniform", "normal", "truncated_normal")
UNCUT = 1 / 0.87962566103423978
"""How much larger a normal distribution's deviation is before it is cut at two."""


@initializer(positive="scale fan_in fan_out", mode=FANS, distribution=DISTRIBUTIONS)
def variance_scaling(
    rng: "np.random.Generator",
    shape: Shape,
    *,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "normal",
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> Array:
    """Of variance scale / fan, where `mode` is "fan_in", "fan_out" or "fan_avg".

    `distribution` is "uniform", "normal" or "truncated_normal", cut at two deviations.
    """
    inner, outer = fans(shape, fan_in, fan_out)
    fan = {"fan_in": inner, "fan_out": outer, "fan_avg": (inner + outer) / 2}[mode]
    std = math.sqrt(scale / fan)
    if distribution == "uniform":
        bound = math.sqrt(3) * std
        return rng.uniform(-bound, bound, shape)
    if distribution == "normal":
        return rng.normal(0.0, std, shape)
    return truncated_normal(rng, shape, std=std * UNCUT)


def scaling(initializer: Initializer) -> Scaling | None:
    """An initialiser whose width the fans give, as such; None for another."""
    given = dict(initializer.arguments)
    if initializer.name == "variance_scaling":
        known = INITIALIZERS["variance_scaling"].parameters
        return Scaling(
            *({**known, **given}[n] for n in ("scale", "mode", "distribution"))
        )
    kind, _, distribution = initializer.name.partition("_")
    if kind not in ("glorot", "he", "lecun"):
        return None
    fan = "fan_avg" if kind == "glorot" else "fan_in"
    slope = given.get("a", 0.0)
    scale = 2 if kind == "he" else 1
    return Scaling(scale / (1 + slope**2) if slope else scale, fan, distribution)


@initializer(min_rank=2)
def orthogonal(rng: "np.random.Generator", shape: Shape, *, gain: float = 1.0) -> Array:
    """Rows, or columns where there are fewer, orthogonal and `gain` long.

    All axes but the first count as one (Saxe et al., 2013).
    """
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    # The decomposition is unique, and the draw uniform, once r's diagonal is positive.
    q = q * np.sign(np.diag(r))
    return gain * (q if rows >= columns else q.T).reshape(shape)


def stable_hash(name: str) -> int:
    """64 bits of a name, the same on every machine and in every run."""
    import hashlib  # which `check` can do without

    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def initial_weight(weight: Weight, seed: int) -> Array:
    """The start of one parameter or state, which depends on its name and the seed."""
    key = np.array([seed % 2**64, stable_hash(weight.name)], np.uint64)
    rng = np.random.Generator(np.random.Philox(key=key))
    arguments = {n: plain(value) for n, value in weight.initializer.arguments}
    definition = INITIALIZERS[weight.initializer.name]
    shape = plain(weight.type.shape)
    drawn = definition.sample(rng, shape, **arguments)
    return np.asarray(drawn).astype(numpy_dtype(weight.type.dtype))


def initial_weights(module: Module, seed: int) -> dict[str, Array]:
    """The start of every parameter and state of a model, by full name.

    Each is drawn in f64 from a generator of its own, NumPy's Philox keyed by the seed
    and the name, and rounded: adding a layer changes no other layer's start, and every
    target can be given the same one.
    """
    return {weight.name: initial_weight(weight, seed) for weight in weights(module)}
