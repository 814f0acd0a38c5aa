"""Everything nameable is in the catalogue, documented, and as the targets have it."""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlmc.backend import Unsupported, backend
from dlmc.catalogue import Entry, catalogue
from dlmc.catalogue.samples import sample as read_sample
from dlmc.catalogue.targets import support
from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.program import elaborate
from dlmc.elaborate.standard import library_files, library_index
from dlmc.elaborate.top import language
from dlmc.grammar import tree
from dlmc.grammar.span import Source
from dlmc.initializers import INITIALIZERS
from dlmc.ir.module import Apply, Call
from dlmc.primitives import REGISTRY

ENTRIES = catalogue().entries
USED = [entry for entry in ENTRIES.values() if entry.example is not None]


def identifier(entry: Entry) -> str:
    return entry.name


def test_every_name_of_the_language_is_listed() -> None:
    assert set(language().names()) | {"training", "column", "columns"} <= set(ENTRIES)


def test_every_definition_of_the_library_is_listed_or_part_of_one() -> None:
    """What has no documentation is there for the definitions that use it alone."""
    hidden = set(library_index()) - set(ENTRIES)
    documented = {
        declaration.name.name
        for file in library_files()
        for declaration in file.declarations
        if isinstance(declaration, tree.FunctionDeclaration | tree.Block)
        and declaration.documentation
    }
    assert not hidden & documented
    shown = " ".join(entry.source or "" for entry in ENTRIES.values())
    assert {name for name in hidden if not re.search(rf"\b{name}\b", shown)} == set()


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=identifier)
def test_every_entry_is_documented(entry: Entry) -> None:
    """By a sentence at least, whose first one ends."""
    assert entry.documentation.strip()
    assert entry.summary.endswith("."), entry.summary
    assert "\n" not in entry.summary
    assert "None" not in entry.signature


@pytest.mark.parametrize("group", catalogue().groups, ids=lambda group: group.title)
def test_every_group_has_a_title_and_entries(group: Any) -> None:
    assert group.title.strip()
    assert group.entries


def test_every_definition_has_samples() -> None:
    """They stand in its documentation."""
    assert {e.name for e in ENTRIES.values() if e.source and not e.samples} == set()


@pytest.mark.parametrize("entry", USED, ids=identifier)
def test_a_sample_is_a_program_with_that_name_in_it(entry: Entry) -> None:
    for sample in entry.samples:
        program = sample.program
        if sample.is_optimizer:
            (training,) = program.trainings
            names = {training.optimizer.definition}
            if training.schedule is not None:
                names.add(training.schedule.definition)
            assert entry.name in names
            continue
        found = {
            o.primitive if isinstance(o, Apply) else o.module.definition
            for o in program.models[0].inference.operations
        }
        # A function of lists of tensors is written into the body that uses it.
        assert entry.name in found or re.search(rf"\b{entry.name}\b", sample.expression)


def test_samples_are_no_documentation() -> None:
    """Neither of what is shown, nor of what generated code says."""
    for entry in ENTRIES.values():
        assert "\n    " not in entry.documentation, entry.name
    (call,) = ENTRIES["leaky_relu"].samples[0].model.inference.operations[-1:]
    assert isinstance(call, Call)
    assert call.module.documentation is not None
    assert call.module.documentation.endswith(".")


def test_tensors_of_samples_have_names() -> None:
    """Those of the parameters that they are given for, if that is clear."""
    assert ENTRIES["mse"].samples[0].expression == "mse(prediction, target)"
    (definition,) = (
        d for f in library_files() for d in f.declarations if d.name.name == "mse"
    )
    assert isinstance(definition, tree.FunctionDeclaration)
    for text, expression, names in (
        ("mse(f32[N] ** 2, target = f32[])", "mse(prediction ** 2, target = target)",
         ("prediction", "target")),
        ("f32[N] -> mse(f32[2])", "prediction -> mse(target)",
         ("prediction", "target")),
        ("mse(f32[N] + f32[N], f64[N])", "mse(a + b, target)", ("a", "b", "target")),
        ("f32[N, T <= 8] -> relu", "x -> relu", ("x",)),
        ("mse(x, cast(f32[N] < 5, f32))", "mse(x, cast(target < 5, f32))",
         ("target",)),
    ):  # fmt: skip
        found = read_sample(definition, text)
        assert found.expression == expression
        assert tuple(name for name, _ in found.inputs) == names
        assert found.below == ()
    assert read_sample(definition, "mse(cast(i64[N] < 5, f32), 1)").below == (
        ("prediction", 5),
    )


@pytest.mark.parametrize("text", ["mse(f32[N]", "mse(f32[N], i64[M])", "mse(f32[N])"])
def test_a_wrong_sample_names_its_definition(text: str) -> None:
    """It is a mistake of ours."""
    (definition,) = (
        d for f in library_files() for d in f.declarations if d.name.name == "mse"
    )
    assert isinstance(definition, tree.FunctionDeclaration)
    with pytest.raises(ValueError, match="a sample of mse is wrong"):
        read_sample(definition, text).program  # noqa: B018


def test_signatures_are_those_of_the_definitions() -> None:
    """Defaults as the source has them; of Python's own, in DLM."""
    assert ENTRIES["Dense"].signature == (
        "Dense(units, bias = true, init = glorot_uniform(), reparametrize = false)"
    )
    assert ENTRIES["one_hot"].signature == "one_hot(indices, depth, dtype = f32)"
    assert ENTRIES["normal"].signature == "normal(mean = 0.0, std)"
    assert ENTRIES["columns"].signature == "columns(name, …, dtype = …)"
    assert ENTRIES["floordiv"].signature == "a // b"
    assert ENTRIES["concat"].signature == "concat(a, b, …, axis)"


@pytest.mark.parametrize("name", [n for n in INITIALIZERS if n in ENTRIES])
def test_an_initialiser_says_what_it_takes(name: str) -> None:
    if ENTRIES[name].kind == "initialiser":
        assert all(p in ENTRIES[name].signature for p in INITIALIZERS[name].parameters)


def test_what_a_layer_owns() -> None:
    """Under a condition, too."""
    dense = ENTRIES["Dense"]
    assert dense.inputs == (("x", "float[..., D]"),)
    assert [(o.kind, o.name, o.type, o.start) for o in dense.owned] == [
        ("param", "weight", "float[units, D]", "init"),
        ("param", "bias", "float[units]", "zeros()"),
    ]
    assert [o.name for o in ENTRIES["BatchNorm"].owned if o.kind == "state"] == [
        "running_mean",
        "running_var",
    ]
    assert [(o.kind, o.type) for o in ENTRIES["adam"].owned] == [("state", "")] * 2


def test_a_source_brings_what_it_needs() -> None:
    """Each helper once, before what uses it."""
    source = ENTRIES["cosine"].source
    assert source is not None
    parts = [source.index(f"fn {name}(") for name in ("warm_up", "cosine")]
    assert parts == sorted(parts)
    assert source.count("fn warm_up(") == 1


def test_types_of_a_use() -> None:
    """Inferred, not written down: of 10 columns max_pool(2) makes 10 / 2 = 5."""
    results = {e.name: e.example.result for e in USED if e.example is not None}
    assert str(results["max_pool"]) == "f32[N, 3, 4, 5]"
    assert str(results["cross_entropy"]) == "f32"
    assert results["adam"] is None


# --- Search --------------------------------------------------------------------------


def test_names_from_elsewhere_lead_here() -> None:
    for elsewhere, here in NAMES.items():
        if here in ENTRIES:
            assert ENTRIES[here] in catalogue().called(elsewhere), elsewhere
    assert [e.name for e in catalogue().called("**")] == ["pow"]
    assert [e.name for e in catalogue().called("conv2d")] == ["Conv"]


def test_search_looks_at_names_first() -> None:
    """Then at what is said: `softmax` is about exponentials."""
    found = [entry.name for entry in catalogue().search("exp")]
    assert found.index("expm1") < found.index("softmax")
    assert [e.name for e in catalogue().search("no such words")] == []
    assert "he_normal" in [e.name for e in catalogue().search("he et al")]


# --- Targets -------------------------------------------------------------------------


def natives(target: str) -> Iterator[tuple[Entry, str]]:
    """All that a target says it has."""
    for entry in USED:
        assert entry.example is not None
        try:
            code = backend(target).native(entry.example.program, entry.name)
        except Unsupported:
            continue
        if code is not None:
            yield entry, code


def resolved(code: str, modules: dict[str, Any]) -> list[str]:
    """The dotted names in code that start with a module and are not in it."""
    wrong = []
    for node in ast.walk(ast.parse(code)):
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if parts and isinstance(node, ast.Name) and node.id in modules:
            value = modules[node.id]
            for part in reversed(parts):
                value = getattr(value, part, None)
            if value is None:
                wrong.append(".".join([node.id, *reversed(parts)]))
    return wrong


def names_in(code: str) -> set[str]:
    """Names that code calls and nothing around it defines."""
    return {
        node.func.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    } - set(dir(builtins))


def test_torch_has_what_is_said() -> None:
    """Each name is one of torch's, and layers are the modules that are said."""
    import torch
    from torch import nn
    from torch.nn import functional

    modules = {"torch": torch, "nn": nn, "F": functional}
    found = {entry.name: code for entry, code in natives("torch")}
    assert len(found) > 60
    for code in found.values():
        assert not resolved(code, modules)
        assert not names_in(code)
    dense = eval(found["Dense"], modules)
    assert (dense.in_features, dense.out_features) == (6, 4)
    conv = eval(found["Conv"], modules)
    assert conv(torch.zeros(2, 3, 9, 11)).shape == (2, 4, 7, 9)
    x = torch.tensor([[1.0, 2.0, 4.0]])
    softmax = eval(found["softmax"], {**modules, "x": x})
    torch.testing.assert_close(softmax, x.exp() / x.exp().sum())
    assert found["adam"].startswith("torch.optim.Adam(")


def test_tensorflow_has_what_is_said() -> None:
    import keras
    import tensorflow as tf
    from keras import layers, ops

    modules = {"keras": keras, "tf": tf, "layers": layers, "ops": ops}
    found = {entry.name: code for entry, code in natives("tensorflow")}
    assert len(found) > 50
    for code in found.values():
        assert not resolved(code, modules)
        assert not names_in(code)
    assert eval(found["Dense"], modules).units == 4
    conv = eval(found["Conv"], modules)
    assert conv(tf.zeros((2, 9, 11, 3))).shape == (2, 7, 9, 4)
    assert "adam" not in found  # its epsilon stands elsewhere in Keras
    assert found["sgd"].startswith("keras.optimizers.SGD(")


def test_onnx_has_what_is_said() -> None:
    import onnx

    found = {entry.name: code for entry, code in natives("onnx")}
    assert len(found) > 50
    for code in found.values():
        for operator in code.split(", "):
            assert onnx.defs.has(operator), operator
    assert found["Dense"] == "Gemm"
    assert found["gelu"] == "Div, Erf, Add, Mul, Mul"
    assert "silu" not in found


def test_what_is_said_is_what_a_project_has() -> None:
    """The code of layers and functions stands in model.py so, but for its layout."""
    for name in ("Dense", "Conv", "LayerNorm", "Dropout", "Embedding", "relu", "gelu"):
        entry = ENTRIES[name]
        assert entry.example is not None
        program = entry.example.program
        for target in ("torch", "tensorflow"):
            code = backend(target).native(program, name)
            model = backend(target).build(program)["model.py"]
            assert code is not None
            assert isinstance(model, str)
            # Keras's layers are given names, too.
            assert squeezed(code).removesuffix(")") in squeezed(model), (name, target)


def squeezed(code: str) -> str:
    """Without blanks, and commas before a bracket."""
    return re.sub(r",(?=[\])}])", "", re.sub(r"\s", "", code))


def test_why_a_target_has_nothing() -> None:
    found = {one.target: one for one in support(ENTRIES["adam"])}
    assert found["tensorflow"].text == "written out"
    assert found["torch"].code is not None
    assert found["onnx"].code is None
    assert support(ENTRIES["zeros"]) == ()


def test_a_definition_of_ones_own_is_written_out() -> None:
    """Only the library has natives, whatever a definition is called."""
    text = "fn gelu(x) = x * 0.5\nmodel M { input x: f32[N, 3]\n output y = x -> gelu }"
    program = elaborate(Source("own.dlm", text), Path()).program
    assert program is not None
    assert any(isinstance(o, Call) for o in program.models[0].inference.operations)
    for target in ("torch", "tensorflow", "onnx"):
        assert backend(target).native(program, "gelu") is None


def test_a_primitive_for_every_row() -> None:
    """All that a program can name; two are said without a name."""
    named = {name for name, primitive in REGISTRY.items() if not primitive.internal}
    assert named - set(ENTRIES) == {"dimension"}
    assert not (set(REGISTRY) - named) & set(ENTRIES)
