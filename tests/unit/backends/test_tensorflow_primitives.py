"""What TensorFlow cannot do of a primitive, or does in a dtype of its own."""

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import Sample
from tests.unit.backends.keras_models import made, source
from tests.unit.backends.onnx_graphs import sample_module
from tests.unit.elaborate.programs import model


def test_what_tensorflow_cannot_do_is_said() -> None:
    x = TensorType(DType.F64, (1, 2, 4, 4, 4))
    with pytest.raises(Unsupported, match="three axes of f64"):
        source(sample_module("window_max", Sample((x,), {"size": 2})))


def test_a_choice_of_two_numbers_keeps_its_dtype() -> None:
    """Keras would take whole numbers for i32, and others for f32."""
    module = model("""model Choice { input x: f64[N]
      output wide  = select(x > 0, cast(1, f64), -1e30)
      output whole = select(x > 0, cast(1, i64), 2)
      output least = select(x > 0, cast(1, f32), 0) }""")
    found = made(module).outputs({"x": np.array([-1.0, 1.0])})
    assert found["wide"].tolist() == [-1e30, 1]
    assert found["whole"].tolist() == [2, 1]
    assert found["least"].tolist() == [0, 1]
    dtypes = [str(array.dtype) for array in found.values()]
    assert dtypes == ["float64", "int64", "float32"]
