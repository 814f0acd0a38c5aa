"""Names of the program in Python."""

import builtins
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlmc.backends.python.names import (
    Names,
    dimension,
    free_name,
    identifier,
    is_attribute,
    snake_case,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x", "x"),
        ("class", "class_"),
        ("None", "None_"),
        ("my layer", "my_layer"),
        ("3d", "value_3d"),
        ("", "value"),
        ("größe", "größe"),
        ("ﬁlter", "filter"),  # Python reads the ligature as two letters
        ("a-b.c", "a_b_c"),
        ("x\U0001ed01", "x"),
    ],
)
def test_identifier(text: str, name: str) -> None:
    assert identifier(text) == name


@given(st.text(max_size=20))
def test_any_text_has_a_name(text: str) -> None:
    name = identifier(text)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    exec(f"{name} = 1", {})


def test_free_name() -> None:
    assert free_name("input", ()) == "input_"
    assert free_name("self", (), {"self"}) == "self_"
    assert free_name("x", {"x"}) == "x_2"
    assert free_name("x", {"x", "x_2"}) == "x_3"
    assert free_name("torch", {"torch_"}, {"torch"}) == "torch_2"
    assert free_name("Block", {"Block"}, separator="") == "Block2"


@given(st.lists(st.text(max_size=5), max_size=30))
def test_names_are_given_once(wishes: list[str]) -> None:
    names = Names({"torch", "self"})
    found = [names.new(wish) for wish in wishes]
    assert len(set(found)) == len(found)
    assert not {"torch", "self", *dir(builtins), *keyword.kwlist} & set(found)


def test_dimensions() -> None:
    assert dimension("C") == "in_channels"
    assert dimension("T") == "length"
    assert dimension("K") == "k"
    assert dimension("x.shape[2]") == "x_size_2"


def test_snake_case() -> None:
    assert snake_case("ConvBlock") == "conv_block"
    assert snake_case("GRUCell") == "gru_cell"


@pytest.mark.parametrize("name", ["a b", "class", "1", "__secret", "ﬁ", ""])
def test_what_is_no_attribute(name: str) -> None:
    assert not is_attribute(name)
