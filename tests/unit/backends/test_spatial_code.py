"""What the spatial part of the library is written as, in each framework."""

import pytest

from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.spatial_models import IMAGE, SPATIAL, layer
from tests.unit.elaborate.programs import model as model_of

OPEN = "f32[N, 4, H, W]"


def flat(code: str) -> str:
    """Code on one line, as if there was room for it."""
    return " ".join(code.split()).replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    ("pipeline", "written"),
    [
        ("ConvTranspose(8, 2, stride = 2)", "nn.ConvTranspose2d(4, 8, 2, stride=2)"),
        (
            "ConvTranspose(8, 3, stride = 2, padding = 1, output_padding = 1)",
            "(4, 8, 3, stride=2, padding=1, output_padding=1)",
        ),
        (
            'ConvTranspose(8, 3, stride = 2, padding = "same")',
            "self.conv_transpose(x)[..., :-1, :-1]",
        ),
        (
            "ConvTranspose(8, 3, padding = [[1, 0], [0, 2]])",
            "self.conv_transpose(x)[..., 1:, :-2]",
        ),
        ("DepthwiseConv(3, 2)", "nn.Conv2d(4, 8, 3, groups=4)"),
        ("resize(2)", 'F.interpolate(x, scale_factor=2, mode="nearest-exact")'),
        (
            'resize(size = [3, 5], method = "bilinear")',
            'F.interpolate(x, size=(3, 5), mode="bilinear", align_corners=False)',
        ),
        ("global_avg_pool", "return x.mean(dim=(2, 3))"),
        ("global_max_pool(keep = true)", "return x.amax(dim=(2, 3), keepdim=True)"),
        ("adaptive_avg_pool(3)", "F.adaptive_avg_pool2d(x, 3)"),
        ("reflect_pad([1, [0, 2]])", 'F.pad(x, (0, 2, 1, 1), mode="reflect")'),
        ("replicate_pad(1)", 'F.pad(x, (1, 1, 1, 1), mode="replicate")'),
        ("pixel_shuffle(2)", "F.pixel_shuffle(x, 2)"),
    ],
)
def test_torch(pipeline: str, written: str) -> None:
    code = flat(torch_modules.source(model_of(layer(pipeline, OPEN))))
    assert written in code
    assert code.count("class ") == 1


@pytest.mark.parametrize(
    ("pipeline", "written"),
    [
        (
            "ConvTranspose(8, 2, stride = 2)",
            'layers.Conv2DTranspose(8, 2, strides=2, padding="valid", name=',
        ),
        (
            "ConvTranspose(8, 4, stride = 2, padding = 1)",
            'layers.Conv2DTranspose(8, 4, strides=2, padding="same", name=',
        ),
        (
            "ConvTranspose(8, 3, stride = 2, padding = 1, output_padding = 1)",
            "self.conv_transpose(x)[:, 1:, 1:]",
        ),
        (
            "ConvTranspose(8, 2, stride = 3)",
            'strides=3, padding="valid", output_padding=0, name=',
        ),
        ("DepthwiseConv(3, 2)", "layers.DepthwiseConv2D(3, padding="),
        ("Conv(8, 3, groups = 2)", "class GroupedConv2D(layers.Conv2D):"),
        ("Conv(8, 3, groups = 2)", "self.conv = GroupedConv2D(8, 3, padding="),
        (
            "resize(2)",
            "tf.image.resize(x_2, (2 * ops.shape(x)[2], 2 * ops.shape(x)[3]), method=",
        ),
        ("global_avg_pool", "return ops.mean(x, axis=(1, 2))"),
        ("reflect_pad(1)", '((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")'),
        (
            'max_pool(3, stride = 2, padding = "same")',
            'ops.max_pool(x, 3, strides=2, padding="same")',
        ),
    ],
)
def test_tensorflow(pipeline: str, written: str) -> None:
    code = flat(keras_models.source(model_of(layer(pipeline, OPEN))))
    assert written in code, code


def test_even_bins_are_windows_in_keras() -> None:
    text = layer("adaptive_avg_pool([3, 11])", IMAGE)
    code = flat(keras_models.source(model_of(text)))
    assert 'ops.average_pool(x, (3, 1), strides=(3, 1), padding="valid")' in code


@pytest.mark.parametrize(
    "pipeline",
    [
        "ConvTranspose(4, 3, stride = 2, padding = 1) -> relu -> DepthwiseConv(3)",
        "SeparableConv(8, 3, padding = 1) -> resize(2) -> Conv(3, 1)",
        "Conv(8, 3) -> pixel_shuffle(2) -> reflect_pad(1) -> Conv(3, 3)",
        'Conv(8, 3) -> resize(2, method = "bicubic") -> replicate_pad(1) -> Conv(3, 3)',
        "pixel_unshuffle(1) -> Conv(4, 3, groups = 2)",
    ],
)
def test_layouts_change_at_the_ends_alone(pipeline: str) -> None:
    """TensorFlow's images are turned once as they come in, and once as they go."""
    code = flat(keras_models.source(model_of(layer(pipeline, OPEN))))
    assert code.count("(0, 2, 3, 1)") == 1
    assert code.count("(0, 3, 1, 2)") == 1


def test_one_class_for_other_strides() -> None:
    """What is decided in a block holds for all of its arguments."""
    text = """
    block Up(stride) {
      input x: f32[N, C, H, W]
      output x -> ConvTranspose(4, 4, stride = stride)
    }
    model Test { input x: f32[N, 4, H, W]  output x -> Up(2) -> Up(3) }
    """
    for code in (
        torch_modules.source(model_of(text)),
        keras_models.source(model_of(text)),
    ):
        assert code.count("class ") == 2
        assert "stride=stride" in code or "strides=stride" in code


def test_sizes_of_another_tensor_are_its_own() -> None:
    code = torch_modules.source(model_of(SPATIAL["resize to another image"]))
    assert "size=(large.shape[2], large.shape[3])" in flat(code)
