"""The library's functions of numbers, and along axes, that PyTorch has too.

What is promised of them, `dlmc.backends.torch.natives` says.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dlmc.backends.python.uses import (
    Native,
    NativeCall,
    NativeLayer,
    NativeRule,
    options,
)
from dlmc.backends.torch.quoting import dtype as torch_dtype
from dlmc.ir.module import Module
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native | None]


def _called(template: str, **defaults: float) -> Rule:
    """A call whose arguments are numbers; `defaults` are those that it may leave out.

    Where one is a tensor, the definition has an input more, and torch has no such call.
    """

    def rule(module: Module) -> Native | None:
        if not set(defaults) <= module.arguments.keys():
            return None
        given = {
            name: (module.arguments[name], value) for name, value in defaults.items()
        }
        return NativeCall(template, {"options": options(**given)})

    return rule


def _of_one_tensor(template: str) -> Rule:
    """A call whose arguments are numbers."""

    def rule(module: Module) -> Native | None:
        return NativeCall(template) if len(module.inputs) == 1 else None

    return rule


def p_relu(module: Module) -> Native:
    """`nn.PReLU`, which starts at a number."""
    (weight,) = module.parameters
    given: dict[str, Any] = {}
    if weight.initializer.name == "constant":
        given = {"init": (dict(weight.initializer.arguments)["value"], 0.25)}
    dtype = weight.type.dtype
    return NativeLayer(
        "nn.PReLU({C}, **{options}, **{dtype})",
        holes={
            "options": options(**given),
            "dtype": {} if dtype is DType.F32 else {"dtype": torch_dtype(dtype)},
        },
    )


def softplus(module: Module) -> Native:
    """`F.softplus`, which is x itself from a threshold on; by default only f32 is."""
    if module.inputs[0].type.dtype is DType.F64:
        return NativeCall("F.softplus({x}, threshold=40)")
    return NativeCall("F.softplus({x})")


def hard_sigmoid(module: Module) -> Native | None:
    """`F.hardsigmoid`, whose derivative of f64 is 1/6 as f32 has it."""
    if module.inputs[0].type.dtype is DType.F64:
        return None
    return NativeCall("F.hardsigmoid({x})")


def _axes(module: Module) -> Any:
    """The argument `axis`, a list as torch shows it: as a tuple."""
    axis = module.arguments["axis"]
    return tuple(axis) if isinstance(axis, list) else axis


def _reduction(template: str) -> Rule:
    """A reduction over `axis`, which may be all axes, with or without `keep`."""

    def rule(module: Module) -> Native | None:
        axes, keep = _axes(module), module.arguments["keep"]
        if axes == ():
            return None  # to torch no axis means all
        if isinstance(axes, tuple) and len(axes) == 1:
            (axes,) = axes
        return NativeCall(
            template,
            {"axes": axes, "keep": {"keepdim": True} if keep else {}},
        )

    return rule


def _along(template: str, **defaults: float) -> Rule:
    """A function along one axis."""
    along_one = _called(template, **defaults)

    def rule(module: Module) -> Native | None:
        return None if isinstance(_axes(module), tuple) else along_one(module)

    return rule


def split(module: Module) -> Native:
    """`chunk` for equal parts, `split` for others."""
    if isinstance(module.arguments["parts"], list):
        return NativeCall("{x}.split({parts}, dim={axis})")
    return NativeCall("{x}.chunk({parts}, dim={axis})")


FUNCTIONS: Mapping[str, NativeRule] = {
    "relu": NativeCall("F.relu({x})"),
    "relu6": NativeCall("F.relu6({x})"),
    "leaky_relu": _of_one_tensor("F.leaky_relu({x}, {slope})"),
    "PReLU": p_relu,
    "elu": _called("F.elu({x}, **{options})", alpha=1),
    "selu": NativeCall("F.selu({x})"),
    "celu": _called("F.celu({x}, **{options})", alpha=1),
    "gelu": NativeCall("F.gelu({x})"),
    "gelu_tanh": NativeCall('F.gelu({x}, approximate="tanh")'),
    "silu": NativeCall("F.silu({x})"),
    "mish": NativeCall("F.mish({x})"),
    "sigmoid": NativeCall("torch.sigmoid({x})"),
    "log_sigmoid": NativeCall("F.logsigmoid({x})"),
    "softplus": softplus,
    "softsign": NativeCall("F.softsign({x})"),
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": NativeCall("F.hardswish({x})"),
    # Not F.hardtanh, whose derivative at -1 and 1 is 0.
    "hard_tanh": NativeCall("{x}.clamp(-1, 1)"),
    "softmax": NativeCall("{x}.softmax(dim={axis})"),
    "log_softmax": NativeCall("{x}.log_softmax(dim={axis})"),
    "glu": NativeCall("F.glu({x}, dim={axis})"),
    "clip": _of_one_tensor("{x}.clamp({low}, {high})"),
    "logsumexp": _reduction("{x}.logsumexp(dim={axes}, **{keep})"),
    "var": _reduction("{x}.var(dim={axes}, correction={correction}, **{keep})"),
    "std": _reduction("{x}.std(dim={axes}, correction={correction}, **{keep})"),
    "norm": _reduction("torch.linalg.vector_norm({x}, dim={axes}, **{keep})"),
    "l2_normalize": _along("F.normalize({x}, dim={axis}, **{options})", eps=1e-12),
    "cosine_similarity": _along(
        "F.cosine_similarity({a}, {b}, dim={axis}, **{options})", eps=1e-8
    ),
    "split": split,
}
