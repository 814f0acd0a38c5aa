"""From modules to classes: one for all uses that differ in numbers alone."""

import re

from tests.unit.backends.torch_modules import source
from tests.unit.elaborate.programs import model


def classes(text: str) -> dict[str, str]:
    """Each class of the generated code with its constructor's parameters."""
    found = {}
    for part in source(model(text)).split("\nclass ")[1:]:
        flat = re.sub(r"\s+", " ", part)
        parameters = re.search(r"def __init__\( ?self,? ?(.*?),? ?\) -> None", flat)
        found[part.partition("(")[0]] = parameters[1] if parameters else ""
    return found


BLOCK = """
block ConvBlock(filters) {
  input x: f32[N, C, H, W]
  output x -> Conv(filters, 3, padding = 1) -> relu
}
"""


def test_one_class_for_all_sizes() -> None:
    text = f"""{BLOCK}
    model Test(classes = 3) {{
      input x: f32[N, 1, 8, 8]
      output x -> ConvBlock(4) -> ConvBlock(8) -> max_pool(2) -> ConvBlock(8)
               -> flatten -> Dense(classes)
    }}"""
    assert classes(text) == {
        "ConvBlock": "in_channels: int, filters: int",
        "Test": "classes: int = 3",
    }


def test_arguments_that_no_code_needs() -> None:
    text = """
    block Scaled(factor, unused, width) {
      input x: f32[N, D]
      output x * factor -> Dense(2 * width)
    }
    model Test { input x: f32[N, 4]
      output x -> Scaled(0.5, 3, 7) -> Scaled(2.5, 3, 9) }"""
    found = classes(text)
    assert found["Scaled"] == "in_features: int, factor: float, width: int"


def test_structure_makes_classes_of_their_own() -> None:
    text = """
    block Layer(width, norm) {
      input x: f32[N, D]
      y = x -> Dense(width)
      output if norm then y -> LayerNorm else y
    }
    model Test { input x: f32[N, 4]
      output x -> Layer(3, true) -> Layer(5, false) -> Layer(7, true) }"""
    assert classes(text) == {
        "Layer": "in_features: int, width: int",
        "Layer2": "in_features: int, width: int",
        "Test": "",
    }


def test_fixed_arguments_of_a_class_that_differ() -> None:
    """What decided the structure is an argument only as far as the uses differ."""
    text = """
    block Layer(width, twice) {
      input x: f32[N, D]
      y = x -> Dense(width)
      output if D != width then y else x + twice * y
    }
    model Test(width = 6) { input x: f32[N, 4]
      output x -> Layer(5, 2) -> Layer(width, 2) -> Layer(width, 2) -> Layer(6, 2) }"""
    assert classes(text) == {
        "Layer": "in_features: int, width: int",
        "Layer2": "twice: int",
        "Test": "width: int = 6",
    }
    assert "nn.Linear(6, 6)" in source(model(text))


def test_a_model_takes_nothing_that_decided_its_structure() -> None:
    text = """
    model Test(depth = 2, width = 8, wide = 16) {
      input x: f32[N, 4]
      for i in 0..depth { x = x -> Dense(if width > 4 then wide else 2) }
      output x
    }"""
    assert classes(text) == {"Test": "wide: int = 16"}


def test_functions() -> None:
    text = """
    fn scaled(x, by, bias = 1) = x * by + bias + x.shape[1]
    model Test { input x: f32[N, 4]
      y = concat(x, x, axis = 1)[:, :3]
      output scaled(x, 2) * scaled(y, 3.5, bias = 2)[:, :1] }
    """
    code = source(model(text))
    assert "def scaled(x: Tensor, by: float, bias: int) -> Tensor:" in code
    assert "return x * by + bias + x.shape[1]" in code
    assert code.count("def scaled") == 1


def test_names_that_collide() -> None:
    text = """
    block Wide(width, batch) {
      input x: f32[N, C, H, W]
      param scale: f32[H, W] = ones()
      output x * scale * width * batch
    }
    model Test { input x: f32[N, 1, 2, 3]\n output x -> Wide(4, 5) }"""
    found = classes(text)["Wide"]
    assert found == "height: int, in_width: int, width: int, batch: int"


def test_chains_and_loops() -> None:
    text = """
    model Test {
      input x: f32[N, 6]
      for i in 0..3 { x = x -> Dense(6) as "layers.{i}" }
      for i in 0..3 { x = x + (x -> Dense(6) as "others.{i}") }
      output x
    }"""
    code = source(model(text))
    assert "nn.Sequential(*(nn.Linear(6, 6) for _ in range(3)))" in code
    assert "x = self.layers(x)" in code
    assert "for other in self.others:\n            x = x + other(x)\n" in code


def test_training_and_inference() -> None:
    text = """
    block Noisy(scale) {
      input x: f32[N, D]
      y = 2 * x
      z = if training then y + scale else y
      output z * 3
    }
    model Test { input x: f32[N, 4]\n output x -> Noisy(0.5) }"""
    code = source(model(text))
    assert "if self.training:" in code
    assert code.count("2 * x") == 1
