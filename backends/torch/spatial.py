"""The library's convolutions, pooling and resizing that PyTorch has too.

What is promised of them, `dlmc.backends.torch.natives` says.
"""

from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.uses import (
    Native,
    NativeCall,
    NativeLayer,
    NativeRule,
    Use,
    options,
)
from dlmc.backends.resizing import (
    LINEAR,
    has_exact_neighbours,
    is_scaled,
    pairs,
)
from dlmc.backends.torch.quoting import dtype as torch_dtype
from dlmc.backends.torch.transposed import evened, kept
from dlmc.backends.torch.windows import is_symmetric, same_everywhere, takes_padding
from dlmc.ir.module import Apply, Module
from dlmc.ir.types import DType


def _first(module: Module, primitive: str) -> Apply:
    """The first use of a primitive in a module."""
    return next(
        operation
        for operation in module.inference.operations
        if isinstance(operation, Apply) and operation.primitive == primitive
    )


def _rank(module: Module) -> int:
    """The number of spatial axes."""
    return module.inputs[0].type.rank - 2


def _rest(module: Module) -> dict[str, Any]:
    """The arguments `bias` and `dtype` of a layer, where they are not torch's own."""
    bias = {} if module.arguments["bias"] else {"bias": False}
    dtype = module.parameters[0].type.dtype
    return bias if dtype is DType.F32 else {**bias, "dtype": torch_dtype(dtype)}


def conv(module: Module) -> Native | None:
    """`nn.Conv1d` to `nn.Conv3d`; lopsided padding is added before."""
    if module.arguments["reparametrize"] is not False:
        return None
    apply = _first(module, "conv")
    rank = _rank(module)
    attributes = apply.attributes
    padding = attributes["padding"]
    lopsided = not is_symmetric(padding)
    own = 0 if lopsided else same_everywhere([low for low, _ in padding])
    given = options(
        stride=(same_everywhere(attributes["stride"]), 1),
        padding=(own, 0),
        dilation=(same_everywhere(attributes["dilation"]), 1),
        groups=(attributes["groups"], 1),
    )
    weight = module.parameters[0].type.shape
    holes: dict[str, Any] = {
        "out": weight[0],
        "size": same_everywhere(weight[2:]),
        "options": given,
        "rest": _rest(module),
    }
    create = f"nn.Conv{rank}d({{C}}, {{out}}, {{size}}, **{{options}}, **{{rest}})"
    if not lopsided:
        return NativeLayer(create, holes=holes)
    holes["amounts"] = tuple(n for pair in reversed(padding) for n in pair)
    return NativeLayer(create, "{layer}(F.pad({x}, {amounts}))", holes)


def conv_transpose(module: Module) -> Native | None:
    """`nn.ConvTranspose1d` to `nn.ConvTranspose3d`; the rest of padding is cut off."""
    if module.arguments["reparametrize"] is not False:
        return None
    attributes = _first(module, "conv_transpose").attributes
    rank = _rank(module)
    even = evened(attributes)
    padding, longer = even or ([0] * rank, attributes["output_padding"])

    def left(use: Use, numbers: Numbers) -> py.Tuple:
        return kept(use.outer(attributes["padding"]), numbers)

    holes = {
        "size": same_everywhere(module.parameters[0].type.shape[2:]),
        "options": options(
            stride=(same_everywhere(attributes["stride"]), 1),
            padding=(same_everywhere(padding), 0),
            output_padding=(same_everywhere(longer), 0),
            groups=(attributes["groups"], 1),
        ),
        "rest": _rest(module),
        "dilation": options(dilation=(same_everywhere(attributes["dilation"]), 1)),
        "left": left,
    }
    return NativeLayer(
        f"nn.ConvTranspose{rank}d("
        "{C}, {filters}, {size}, **{options}, **{rest}, **{dilation})",
        "{layer}({x})" if even else "{layer}({x})[{left}]",
        holes,
    )


def max_pool(module: Module) -> Native | None:
    """`F.max_pool1d` to `F.max_pool3d`."""
    attributes = _first(module, "window_max").attributes
    if not takes_padding(attributes["padding"], attributes["size"]):
        return None
    rank = _rank(module)
    low = same_everywhere([low for low, _ in attributes["padding"]])
    return NativeCall(
        f"F.max_pool{rank}d("
        "{x}, kernel_size={kernel}, stride={steps}, **{options})",
        {
            "kernel": same_everywhere(attributes["size"]),
            "steps": same_everywhere(attributes["stride"]),
            "options": options(padding=(low, 0)),
        },
    )


def avg_pool(module: Module) -> Native | None:
    """`F.avg_pool1d` to `F.avg_pool3d`; padding is left out unless asked for."""
    attributes = _first(module, "window_mean").attributes
    if not takes_padding(attributes["padding"], attributes["size"]):
        return None
    rank = _rank(module)
    low = same_everywhere([low for low, _ in attributes["padding"]])
    given = options(padding=(low, 0))
    counts = bool(attributes["count_padding"])

    def padding(use: Use, numbers: Numbers) -> Any:
        found = given(use, numbers)
        return {**found, "count_include_pad": counts} if found else found

    return NativeCall(
        f"F.avg_pool{rank}d("
        "{x}, kernel_size={kernel}, stride={steps}, **{options})",
        {
            "kernel": same_everywhere(attributes["size"]),
            "steps": same_everywhere(attributes["stride"]),
            "options": padding,
        },
    )


def global_pool(method: str) -> NativeRule:
    """A reduction over the spatial axes."""

    def rule(module: Module) -> Native:
        axes = tuple(range(2, 2 + _rank(module)))
        keep = {"keepdim": True} if module.arguments["keep"] else {}
        return NativeCall(
            f"{{x}}.{method}(dim={{axes}}, **{{keep}})",
            {"axes": same_everywhere(axes), "keep": keep},
        )

    return rule


def adaptive_pool(kind: str) -> NativeRule:
    """`F.adaptive_avg_pool1d` to `F.adaptive_max_pool3d`, of floats."""

    def rule(module: Module) -> Native | None:
        if not module.inputs[0].type.dtype.is_float:
            return None
        sizes = module.outputs[0].type.shape[2:]
        return NativeCall(
            f"F.adaptive_{kind}_pool{_rank(module)}d({{x}}, {{sizes}})",
            {"sizes": same_everywhere(sizes)},
        )

    return rule


def resize(module: Module) -> Native | None:
    """`F.interpolate`, of floats."""
    (x,), (y,) = module.inputs, module.outputs
    method = module.arguments["method"]
    if not x.type.dtype.is_float:
        return None
    options: dict[str, Any] = {}
    if method == "nearest":
        if not has_exact_neighbours(x.type.shape[2:], y.type.shape[2:]):
            return None
        method = "nearest-exact"
    else:
        if method == "bicubic" and (_rank(module), module.arguments["a"]) != (2, -0.75):
            return None
        method = LINEAR[_rank(module)] if method == "bilinear" else method
        options = {"align_corners": False}

    def to(use: Use, numbers: Numbers) -> dict[str, py.Expression]:
        scale = use.values["scale"]
        sizes, new_sizes = (use.outer(v.type.shape[2:]) for v in (x, y))
        if not is_scaled(scale, sizes, new_sizes):
            return {"size": numbers(new_sizes)}
        by = tuple(scale) if isinstance(scale, list) else scale
        return {"scale_factor": numbers(by)}

    return NativeCall(
        "F.interpolate({x}, **{to}, mode={mode}, **{options})",
        {"to": to, "mode": py.Literal(method), "options": options},
    )


def padded(mode: str) -> NativeRule:
    """`F.pad`, which counts axes from the last one."""

    def rule(module: Module) -> Native:
        padding = pairs(module.arguments["padding"], _rank(module))
        return NativeCall(
            "F.pad({x}, {amounts}, mode={mode})",
            {
                "amounts": tuple(n for pair in reversed(padding) for n in pair),
                "mode": py.Literal(mode),
            },
        )

    return rule


SPATIAL: dict[str, NativeRule] = {
    "Conv": conv,
    "DepthwiseConv": conv,
    "ConvTranspose": conv_transpose,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "global_avg_pool": global_pool("mean"),
    "global_max_pool": global_pool("amax"),
    "adaptive_avg_pool": adaptive_pool("avg"),
    "adaptive_max_pool": adaptive_pool("max"),
    "resize": resize,
    "reflect_pad": padded("reflect"),
    "replicate_pad": padded("replicate"),
    "pixel_shuffle": NativeCall("F.pixel_shuffle({x}, {factor})"),
    "pixel_unshuffle": NativeCall("F.pixel_unshuffle({x}, {factor})"),
}
