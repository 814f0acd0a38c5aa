"""Files that are no text, and text with what cannot be seen or told apart."""

from pathlib import Path

import pytest

import dlmc
from dlmc.diagnostics.render import render

PROGRAM = "model M {\n  input x: f32[N, 4]\n  output y = x -> Dense(2)\n}\n"

NO_TEXT = {
    "binary": (b"\x7fELF\x02\x01\x01\0\0", "the file is binary, not text"),
    "utf_16": (PROGRAM.encode("utf-16"), "the file is binary, not text"),
    "latin_1": (
        PROGRAM.replace("M {", "M {\n  # Größe").encode("latin-1"),
        "the file is not UTF-8 (line 2)",
    ),
    "cut_off": ('"""Größe'.encode()[:-2], "the file is not UTF-8 (line 1)"),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_no_text(name: str, tmp_path: Path) -> None:
    content, reason = NO_TEXT[name]
    path = tmp_path / "program.dlm"
    path.write_bytes(content)
    (found,) = dlmc.check(path)
    assert (found.code, found.message) == ("E0001", f"{path}: {reason}")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + PROGRAM,
        PROGRAM.replace("\n", "\r\n"),
        PROGRAM.replace("  ", "\t"),
        PROGRAM.rstrip("\n"),
        "\n\n \t\n" + PROGRAM,
    ],
    ids=["byte_order_mark", "crlf", "tabs", "no_last_line_break", "blank_lines"],
)
def test_what_means_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "program.dlm"
    path.write_bytes(text.encode())
    assert dlmc.check(path) == ()


INVISIBLE = {
    "zero_width_space": ("x: f32", "x\u200b: f32", "E0107", "U+200B", 2, 10),
    "no_break_space": ("x ->", "x\u00a0->", "E0107", "U+00A0", 3, 15),
    "soft_hyphen": ("Dense", "Den\u00adse", "E0107", "U+00AD", 3, 22),
    "direction_of_writing": ("x ->", "x\u202e ->", "E0107", "U+202E", 3, 15),
    "cyrillic_letter": ("M {", "\u041c {", "E0107", "`\u041c`", 1, 7),
    "greek_letter": ("y =", "\u03c5 =", "E0107", "`\u03c5`", 3, 10),
    "cyrillic_inside": ("Dense", "D\u0435nse", "E0107", "`D\u0435nse`", 3, 19),
    "fullwidth_parenthesis": ("(2)", "\uff082\uff09", "E0107", "U+FF08", 3, 24),
    "form_feed": ("x ->", "x \f->", "E0107", "U+000C", 3, 16),
    "smart_quotes": ("(2)", '(2) as “head”', "E0112", "straight", 3, 31),
    "single_quotes": ("(2)", "(2) as 'head'", "E0112", "straight", 3, 31),
    "minus_sign": ("(2)", "(3 \u2212 1)", "E0111", "`-`", 3, 27),
    "arrow": ("->", "\u2192", "E0111", "`->`", 3, 16),
    "multiplication_sign": ("(2)", "(2 × 1)", "E0111", "`*`", 3, 27),
}  # fmt: skip


@pytest.mark.parametrize("name", INVISIBLE)
def test_what_looks_like_something_else(name: str, tmp_path: Path) -> None:
    """It is named by its number, at its place, and nothing else is said."""
    before, after, code, said, line, column = INVISIBLE[name]
    path = tmp_path / "program.dlm"
    path.write_text(PROGRAM.replace(before, after, 1), "utf-8")
    found = dlmc.check(path)
    assert {diagnostic.code for diagnostic in found} == {code}
    assert found[0].place is not None
    span = found[0].place.span
    assert said in found[0].message + (found[0].hint or "")
    assert (span.line, span.column) == (line, column)
    assert not {"\u202e", "\f"} & set(render(found[0]))


def test_a_link_out_of_the_folder(tmp_path: Path) -> None:
    """A used file is where it really is."""
    outside = tmp_path / "outside.dlm"
    outside.write_text("block B { input x: float[N, D] output x }")
    project = tmp_path / "project"
    project.mkdir()
    (project / "inside.dlm").symlink_to(outside)
    program = project / "program.dlm"
    program.write_text('use "inside.dlm": B\n' + PROGRAM.replace("Dense(2)", "B"))
    (found,) = dlmc.check(program)
    assert found.code == "E0209"
    assert found.message == (
        '"inside.dlm" is outside of the project, the folder of the program'
    )


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "inside.dlm").symlink_to(tmp_path / "inside.dlm")
    program = tmp_path / "program.dlm"
    program.write_text('use "inside.dlm": B\n' + PROGRAM.replace("Dense(2)", "B"))
    (found,) = dlmc.check(program)
    assert found.code == "E0209"


@pytest.mark.parametrize("name", ["folder", "missing.dlm", "pipe\0.dlm"])
def test_no_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (found,) = dlmc.check(tmp_path / name)
    assert (found.code, found.place) == ("E0001", None)
