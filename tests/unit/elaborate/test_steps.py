"""The chain of shapes that a message shows."""

from pathlib import Path

from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source


def steps(text: str) -> list[tuple[str, str]]:
    """The chain of the first message."""
    found = elaborate(Source("test.dlm", text), Path())
    return [(step.text, step.type) for step in found.diagnostics[0].steps]


def test_the_chain_leads_from_an_input_to_the_fault() -> None:
    """Through pipelines, bindings, calls, operators and indices."""
    text = """
    model M {
      input image: f32[N, 1, 8, 8]
      x = image -> Conv(4, 3) -> relu
      y = 2 * flatten(x) + 1
      output z = y[:, 3:] -> Dense(2) -> max_pool(2)
    }
    """
    assert steps(text) == [
        ("image", "f32[N, 1, 8, 8]"),
        ("-> Conv(4, 3)", "f32[N, 4, 6, 6]"),
        ("-> relu", "f32[N, 4, 6, 6]"),
        ("flatten(…)", "f32[N, 144]"),
        ("2 * …", "f32[N, 144]"),
        ("+ 1", "f32[N, 144]"),
        ("[:, 3:]", "f32[N, 141]"),
        ("-> Dense(2)", "f32[N, 2]"),
    ]


def test_a_block_s_chain_starts_at_its_own_input() -> None:
    """In its own file's terms; the use is named beside it."""
    text = """
    block B { input x: f32[N, C] output x -> Dense(3) -> max_pool(2) }
    model M { input image: f32[N, 4] output z = image -> B }
    """
    assert steps(text) == [("x", "f32[N, 4]"), ("-> Dense(3)", "f32[N, 3]")]


def test_a_long_chain_is_cut_in_the_middle() -> None:
    """Both ends are kept."""
    stages = " ".join(f"-> Dense({i})" for i in range(1, 41))
    found = steps(
        f"model M {{ input x: f32[N, 4] output z = x {stages} -> max_pool(2) }}"
    )
    assert len(found) == 12
    assert found[0] == ("x", "f32[N, 4]")
    assert found[1] == ("… 30 more", "")
    assert found[-1] == ("-> Dense(40)", "f32[N, 40]")


def test_nothing_leads_to_an_input() -> None:
    """There is no chain to show then."""
    assert steps("model M { input x: f32[N] output z = x -> max_pool(2) }") == []
