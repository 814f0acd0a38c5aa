"""Dtypes and tensor types."""

from dataclasses import dataclass
from enum import Enum

from dlmc.ir.dimensions import Dim, Size, product


class DType(Enum):
    """The kind of number a tensor holds; the value is its name in DLM."""

    F16 = "f16"
    BF16 = "bf16"
    F32 = "f32"
    F64 = "f64"
    I8 = "i8"
    I16 = "i16"
    I32 = "i32"
    I64 = "i64"
    U8 = "u8"
    BOOL = "bool"

    @property
    def is_float(self) -> bool:
        """Whether it is a floating-point type."""
        return self.value[0] in "f" or self is DType.BF16

    @property
    def is_integer(self) -> bool:
        """Whether it is an integer type, signed or not."""
        return self.value[0] in "iu"

    @property
    def bytes(self) -> int:
        """How many bytes one number takes."""
        return 1 if self is DType.BOOL else int(self.value.lstrip("bfiu")) // 8

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class TensorType:
    """A dtype and a shape; a scalar has the shape ()."""

    dtype: DType
    shape: tuple[Size, ...]

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def count(self) -> Size:
        """How many numbers it holds."""
        # Plain integers: where a number came from is no matter, and costs time.
        return product(n if isinstance(n, Dim) else int(n) for n in self.shape)

    @property
    def bytes(self) -> Size:
        """How many bytes its numbers take."""
        return self.count * self.dtype.bytes

    def __str__(self) -> str:
        sizes = ", ".join(str(size) for size in self.shape)
        return f"{self.dtype}[{sizes}]" if self.shape else str(self.dtype)
