"""Pictures as files: well formed, escaped, always the same, with nothing to fetch."""

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from dlmc.graph import output
from dlmc.graph.labels import shown
from dlmc.summary.model import ModelSummary, summarize
from tests.unit.elaborate.programs import program
from tests.unit.summary.programs import RESNET

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "</script><img src=x onerror=alert(1)>]]>&amp;'\\\" \u202e\u2066\x07\u2028"
HOSTILE = f"""
\"\"\"</title></script><script>alert(2)</script> {EVIL.replace(chr(92), "")}\"\"\"
block Odd(text) {{
  input x: float[N, D]
  output x -> Dense(D)
}}
model M(word = "{EVIL}") {{
  input x: f32[N, 4]
  output y = x -> Odd(word)
}}
"""


def summaries(text: str) -> tuple[ModelSummary, ...]:
    return summarize(program(text))


def texts(svg: str) -> list[str]:
    return [
        element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")
    ]


class Page(HTMLParser):
    """The elements of a page, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.cdata_elem == "script":
            self.scripts[-1] += data


def test_svg() -> None:
    """It is XML, and says what the model is."""
    made = output.svg(summaries(RESNET), 1)
    said = texts(made)
    assert said[:3] == [
        "ResNet",
        "stages = [3, 4, 6, 3], classes = 1000",
        "25,557,032 parameters, 8.24 G · N FLOPs",
    ]
    for text in ("image", "conv1", "layer3.1 … 5", "×5", "logits", "N × 3 × 224 × 224"):
        assert text in said
    assert "downsample.0" not in said
    assert "downsample.0" in texts(output.svg(summaries(RESNET), 2))


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of every box that is drawn for a node."""
    found = []

    def visit(element: Any, x: float, y: float) -> None:
        move = re.match(r"translate\((\S+) (\S+)\)", element.get("transform", ""))
        if move:
            x, y = x + float(move[1]), y + float(move[2])
        for inner in element:
            if inner.tag == f"{SVG}rect" and "node" in element.get("class", ""):
                left, top = x + float(inner.get("x")), y + float(inner.get("y"))
                size = float(inner.get("width")), float(inner.get("height"))
                found.append((left, top, left + size[0], top + size[1]))
            visit(inner, x, y)

    visit(ElementTree.fromstring(svg), 0.0, 0.0)
    return found


@pytest.mark.parametrize("depth", [1, 2])
def test_boxes_do_not_overlap(depth: int) -> None:
    """Two boxes are apart, or one is inside the other, or a card behind it."""
    made = output.svg(summaries(RESNET), depth)
    root = ElementTree.fromstring(made)
    width, height = float(root.get("width") or 0), float(root.get("height") or 0)
    found = boxes(made)
    assert len(found) > 15
    for left, top, right, bottom in found:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    for i, a in enumerate(found):
        for b in found[:i]:
            is_apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            is_inside = b[0] <= a[0] and b[1] <= a[1] and a[2] <= b[2] and a[3] <= b[3]
            is_card = a[2] - a[0] == pytest.approx(b[2] - b[0], abs=0.2) and (
                0 < b[0] - a[0] < 9
            )
            assert is_apart or is_inside or is_card, (a, b)


def test_the_same_bytes() -> None:
    """Of one program, however often."""
    assert output.svg(summaries(RESNET), 2) == output.svg(summaries(RESNET), 2)
    first = output.page("resnet.dlm", summaries(RESNET), 1)
    assert first == output.page("resnet.dlm", summaries(RESNET), 1)


def test_nothing_is_fetched() -> None:
    """No address, no file, and a policy that lets the page's one script run alone."""
    made = output.page("resnet.dlm", summaries(RESNET), 1)
    page = Page(made)
    for tag, attributes in page.tags:
        assert tag not in ("link", "img", "iframe", "object", "base")
        assert not {"src", "href"} & attributes.keys()
    (policy,) = (
        attributes["content"]
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    data, script = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; script-src 'sha256-{digest}';")
    assert "Copyright (c) 2012-2014 Chris Pettitt" in script
    (model,) = json.loads(data)
    assert model["title"] == "ResNet"


def test_hostile_text() -> None:
    """A program's words stay words."""
    made = output.svg(summaries(HOSTILE), 2)
    assert any("</script><img src=x onerror=alert(1)>" in text for text in texts(made))
    tags = {
        element.tag.removeprefix(SVG) for element in ElementTree.fromstring(made).iter()
    }
    assert tags <= {
        "svg", "style", "defs", "marker", "path", "rect", "circle", "g", "text",
        "title",
    }  # fmt: skip
    page = Page(output.page('</title><script>"&', summaries(HOSTILE), 2))
    assert len(page.scripts) == 2
    assert "img" not in {tag for tag, _ in page.tags}
    (model,) = json.loads(page.scripts[0])
    assert "</script><img" in model["detail"]
    for text in (made, *page.scripts[:1]):
        assert not set(text) & set("\u202e\u2066\x07\u2028")


def test_shown() -> None:
    """Characters that have no place in XML, or that turn the writing around."""
    assert shown("a\tb\nc") == "a b c"
    assert shown("\x00\x1b\u202e\u200f\u2069\ufffe\ud800") == "\ufffd" * 7
    assert shown("größe مرحبا 漢字 😀") == "größe مرحبا 漢字 😀"
    assert shown("x" * 60) == "x" * 51 + "…"


def test_without_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SVG needs it, a page does not."""
    monkeypatch.setitem(sys.modules, "quickjs", None)
    with pytest.raises(output.EngineMissingError, match="quickjs-ng"):
        output.svg(summaries(RESNET), 1)
    assert output.page("resnet.dlm", summaries(RESNET), 1)


def test_dagre_is_what_was_published() -> None:
    """The file of npm's @dagrejs/dagre 3.1.3, to the byte."""
    content = output.asset("vendor/dagre.min.js").encode()
    assert hashlib.sha256(content).hexdigest() == DAGRE


DAGRE = "54a503e346f93ca0bb10abe7999587e037262935687aca45eb4e4b0f64bbb578"


def test_a_chain_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's stack ends before the layout does; a larger one holds it."""
    chain = program(
        "model M { input x: f32[N, 4] "
        "for i in 1..200 { x = x -> Dense(i) } output y = x }"
    )
    assert output.svg(summarize(chain), 1).count('class="node layer"') == 199
    monkeypatch.setattr(output, "_STACK", 256 * 1024)
    with pytest.raises(output.TooLargeError):
        output.svg(summarize(chain), 1)
