"""The library's declarations, found without reading them."""

from dlmc.elaborate.standard import library_files, library_index

from .programs import errors


def test_each_declaration_is_found() -> None:
    """What the index reads is what reading all of it gives."""
    whole = {
        declaration.name.name: declaration
        for file in library_files()
        for declaration in file.declarations
    }
    assert {name: place.read() for name, place in library_index().items()} == whole
    for name, place in library_index().items():
        documented = whole[name].documentation is not None
        assert place.is_public is documented, name


def test_what_is_not_documented_is_not_seen() -> None:
    """The library's helpers are its own."""
    helper = next(n for n, place in library_index().items() if not place.is_public)
    text = f"model M {{ input x: f32[N] output y = {helper}(x) }}"
    assert errors(text) == [f"there is no `{helper}`"]
