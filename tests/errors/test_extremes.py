"""Programs that would take forever, or all memory: each is answered at once."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DEEP = 10_000


def model(output: str, before: str = "") -> str:
    """A model with one input."""
    return f"model M {{\n  input x: f32[N, 4]\n  {before}\n  output y = {output}\n}}\n"


def doubling(count: int) -> str:
    """Blocks that each use the one before twice."""
    blocks = [
        f"block B{i} {{ input x: float[N, D] output x -> B{i - 1} -> B{i - 1} }}\n"
        for i in range(1, count)
    ]
    first = "block B0 { input x: float[N, D] output x -> Dense(D) }\n"
    return first + "".join(blocks) + model(f"x -> B{count - 1}")


def doubling_functions(count: int) -> str:
    """Functions that each call the one before twice, on numbers."""
    functions = [f"fn f{i}(n) = f{i - 1}(n) + f{i - 1}(n)\n" for i in range(1, count)]
    return "fn f0(n) = n\n" + "".join(functions) + model(f"x -> Dense(f{count - 1}(1))")


PROGRAMS = {
    "parentheses": (model("(" * DEEP + "x" + ")" * DEEP), "E0109"),
    "open_parentheses": (model("(" * DEEP), "E0109"),
    "lists": (model("x", "a = " + "[" * DEEP + "]" * DEEP), "E0109"),
    "signs": (model("-" * DEEP + "x"), "E0109"),
    "powers": (model(" ** ".join(["x"] * DEEP)), "E0109"),
    "calls": (model("relu(" * DEEP + "x" + ")" * DEEP), "E0109"),
    "choices": (model("if true then " * DEEP + "x" + " else x" * DEEP), "E0109"),
    "functions": (model("x", "f = " + "fn(a) = " * DEEP + "a"), "E0109"),
    "bodies": (model("x", "if true {" * DEEP + "}" * DEEP), "E0109"),
    "attributes": (model("x" + ".shape" * DEEP), "E0109"),
    "indices": (model("x" + "[0]" * DEEP), "E0109"),
    "blocks_that_double": (doubling(40), "E0003"),
    "functions_that_double": (doubling_functions(40), "E0003"),
    "a_chain_of_functions": (
        "".join(f"fn f{i}(x) = f{i + 1}(x)\n" for i in range(DEEP))
        + f"fn f{DEEP}(x) = x\n" + model("f0(x)"),
        "E0003",
    ),
    "a_long_circle": (
        "".join(f"fn f{i}(x) = f{(i + 1) % DEEP}(x)\n" for i in range(DEEP))
        + model("f0(x)"),
        "E0207",
    ),
    "many_errors": (
        model("x", "\n".join(f"a{i} = nothing{i}" for i in range(DEEP))), "E0003",
    ),
    "many_broken_declarations": ("model M { input }\n" * 1000, "E0101"),
    "a_long_line": (model("x + nothing", "a = [" + "1, " * 20_000 + "1]"), "E0201"),
    "a_long_name": (model("x" * 100_000), "E0201"),
    "a_long_string": (model("x", 'a = "' + "a" * 200_000 + '" + 1'), "E0310"),
    "a_list_of_lists": (
        model("x", "a = [0]\n for i in 0..100 { a = [a, a, a, a] }\n b = a == 1"),
        "E0003",
    ),
    "a_shape_of_shapes": (
        model("reshape(x, [N" + " * N" * 50 + "])"), "E0304",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_extreme(name: str, tmp_path: Path) -> None:
    """It is answered, with 200 MB and a few seconds at most."""
    text, code = PROGRAMS[name]
    path = tmp_path / f"{name}.dlm"
    path.write_text(text)
    done = subprocess.run(
        [sys.executable, HERE / "limits.py", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stderr == ""
    assert code in done.stdout.split()
