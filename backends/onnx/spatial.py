"""The library's convolutions, pooling and resizing that ONNX has too.

What is promised of them, `dlmc.backends.onnx.natives` says.
"""

from collections.abc import Callable
from typing import Final

from dlmc.backends.onnx.builder import Tensor
from dlmc.backends.onnx.dtypes import computed_in
from dlmc.backends.onnx.emission import Use
from dlmc.backends.onnx.library import LibraryCall, Native
from dlmc.backends.onnx.primitives.transposed import transposed_convolution
from dlmc.backends.onnx.primitives.windows import convolution
from dlmc.backends.onnx.sizes import all_known, size_vector
from dlmc.backends.resizing import (
    has_exact_neighbours,
    is_scaled,
    pairs,
    per_axis,
)
from dlmc.ir.module import Apply
from dlmc.ir.types import DType, TensorType


def _layer(primitive: str, build: Callable[[Use, Tensor | None], Tensor]) -> Native:
    """A layer of one primitive on its input and its weight, with its bias."""

    def native(call: LibraryCall) -> Tensor | None:
        if call.argument("reparametrize") is not False:
            return None
        applied = next(
            operation
            for operation in call.module.inference.operations
            if isinstance(operation, Apply) and operation.primitive == primitive
        )
        padding = applied.attributes["padding"]
        if not all_known(n for pair in padding for n in pair):
            return None  # It is in the sizes of the layer, which its body knows.
        operands = [*call.operands, *call.weights("weight")]
        use = Use(call.graph, operands, applied.attributes, call.result)
        return build(use, call.weight("bias"))

    return native


def _adaptive_pool(operator: str) -> Native:
    """Bins of one size are windows."""

    def native(call: LibraryCall) -> Tensor | None:
        (x,) = call.operands
        sizes, new_sizes = x.shape[2:], call.result.shape[2:]
        if not all_known((*sizes, *new_sizes)):
            return None
        known = [
            (int(n), int(m))
            for n, m in zip(sizes, new_sizes, strict=True)
            if isinstance(n, int) and isinstance(m, int)
        ]
        is_pool = computed_in(operator, x.dtype) is not None
        if not is_pool or any(n % m for n, m in known):
            return None
        window = [n // m for n, m in known]
        return call.apply(operator, x, kernel_shape=window, strides=window)

    return native


_METHODS: Final = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}


def _resize(call: LibraryCall) -> Tensor | None:
    (x,) = call.operands
    g, method = call.graph, call.argument("method")
    dtype = computed_in("Resize", x.dtype)
    if dtype is None or not x.dtype.is_float:
        return None
    options = {}
    if method == "nearest":
        if not has_exact_neighbours(x.shape, call.result.shape):
            return None
        options["nearest_mode"] = "round_prefer_ceil"
    elif method == "bicubic":
        if x.rank != 4:
            return None
        options["cubic_coeff_a"] = call.argument("a")
    to: list[Tensor | None]
    scale = call.argument("scale")
    if is_scaled(scale, x.shape[2:], call.result.shape[2:]):
        by = per_axis(scale, x.rank - 2)
        to = [g.constant([1, 1, *by], DType.F32)]
    else:
        to = [None, size_vector(g, call.result.shape)]
    resized = g.node(
        "Resize",
        [g.cast(x, dtype), None, *to],
        TensorType(dtype, call.result.shape),
        mode=_METHODS[method],
        coordinate_transformation_mode="half_pixel",
        **options,
    )
    return g.cast(resized, x.dtype)


def _pad(mode: str) -> Native:
    def native(call: LibraryCall) -> Tensor | None:
        (x,) = call.operands
        if computed_in("Pad", x.dtype) is None:
            return None
        padding = pairs(call.argument("padding"), x.rank - 2)
        low, high = zip((0, 0), (0, 0), *padding, strict=True)
        amounts = call.graph.integers([*low, *high])
        inputs = [*call.graph.widened("Pad", x), amounts]
        type_ = TensorType(inputs[0].dtype, call.result.shape)
        return call.graph.cast(
            call.graph.node("Pad", inputs, type_, mode=mode), x.dtype
        )

    return native


def _pixel_shuffle(call: LibraryCall) -> Tensor | None:
    (x,) = call.operands
    if computed_in("DepthToSpace", x.dtype) is None:
        return None
    size = call.argument("factor")
    return call.apply("DepthToSpace", x, blocksize=size, mode="CRD")


SPATIAL: Final[dict[str, Native]] = {
    "Conv": _layer("conv", convolution),
    "DepthwiseConv": _layer("conv", convolution),
    "ConvTranspose": _layer("conv_transpose", transposed_convolution),
    "adaptive_avg_pool": _adaptive_pool("AveragePool"),
    "adaptive_max_pool": _adaptive_pool("MaxPool"),
    "resize": _resize,
    "reflect_pad": _pad("reflect"),
    "replicate_pad": _pad("edge"),
    "pixel_shuffle": _pixel_shuffle,
}
