"""The page's own script, run without a browser: a document that does just enough."""

import json
from typing import Any

import pytest
from quickjs import Context

from dlmc.graph import output
from dlmc.summary.model import summarize
from tests.unit.elaborate.programs import program
from tests.unit.graph.test_output import Page
from tests.unit.summary.programs import RESNET

DOCUMENT = r"""
const made = (id) => ({
  id, style: {}, hidden: true, clientWidth: 1200, clientHeight: 800, listeners: {},
  offsetWidth: 100, offsetHeight: 50, dataset: {}, children: [], textContent: "",
  classList: { add() {}, remove() {} },
  addEventListener(kind, listener) { this.listeners[kind] = listener; },
  querySelector() { return null; },
  replaceChildren() { this.children = []; },
  append(child) { this.children.push(child); },
});
const elements = new Map();
const listeners = {};
globalThis.structuredClone = (value) => JSON.parse(JSON.stringify(value));
globalThis.CSS = { escape: (text) => text };
globalThis.addEventListener = (kind, listener) => { listeners[kind] = listener; };
globalThis.document = {
  activeElement: null,
  createElement: made,
  getElementById(id) {
    if (!elements.has(id)) elements.set(id, made(id));
    return elements.get(id);
  },
};
const node = (id) => {
  const found = { dataset: { id } };
  found.closest = () => found;
  return found;
};
const event = (id, more) => ({
  target: id === null ? { closest: () => null } : node(id),
  button: 0, clientX: 600, clientY: 400, preventDefault() {}, ...more,
});
globalThis.press = (key, id) => listeners.keydown(event(id ?? null, { key }));
globalThis.click = (id, moved) => {
  elements.get("stage").listeners.pointerdown(event(id));
  if (moved) listeners.pointermove(event(id, { clientX: 600 + moved }));
  listeners.pointerup(event(id));
};
globalThis.hover = (id) => listeners.pointermove(event(id));
globalThis.push = (id) => elements.get(id).listeners.click();
globalThis.wheel = (deltaY) =>
  elements.get("stage").listeners.wheel(event(null, { deltaY }));
globalThis.look = () => JSON.stringify({
  svg: elements.get("picture").innerHTML,
  transform: elements.get("picture").style.transform,
  tip: elements.get("tip").hidden ? null
    : elements.get("tip").children.map((line) =>
        line.children.map((part) => part.textContent ?? part).join("")),
});
"""


class Reader:
    """A person before the page of ResNet."""

    def __init__(self) -> None:
        page = Page(output.page("resnet.dlm", summarize(program(RESNET)), 1))
        data, script = page.scripts
        self.engine = Context()
        self.engine.eval(DOCUMENT)
        self.engine.eval(
            f"document.getElementById('data').textContent = {json.dumps(data)}"
        )
        self.engine.eval(script)

    def do(self, action: str, *given: Any) -> None:
        self.engine.eval(f"{action}({', '.join(json.dumps(one) for one in given)})")

    @property
    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.engine.eval("look()"))
        return found

    def is_open(self, id_: str) -> bool:
        (_, rest) = self.seen["svg"].split(f'data-id="{id_}"')
        return 'aria-expanded="true"' in rest[: rest.index(">")]

    @property
    def scale(self) -> float:
        return float(self.seen["transform"].partition("scale(")[2].rstrip(")"))


@pytest.fixture
def reader() -> Reader:
    return Reader()


BLOCK, INSIDE = "0/5", "0/5/9"


def test_a_click_unfolds_and_folds(reader: Reader) -> None:
    assert not reader.is_open(BLOCK)
    assert f'data-id="{INSIDE}"' not in reader.seen["svg"]
    reader.do("click", BLOCK)
    assert reader.is_open(BLOCK)
    assert f'data-id="{INSIDE}"' in reader.seen["svg"]
    reader.do("click", BLOCK)
    assert not reader.is_open(BLOCK)


def test_a_drag_is_no_click(reader: Reader) -> None:
    before = reader.seen["transform"]
    reader.do("click", BLOCK, 50)
    assert not reader.is_open(BLOCK)
    assert reader.seen["transform"] != before


def test_keys(reader: Reader) -> None:
    reader.do("press", "Enter", BLOCK)
    assert reader.is_open(BLOCK)
    reader.do("press", " ", BLOCK)
    assert not reader.is_open(BLOCK)
    start = reader.scale
    reader.do("press", "+")
    assert reader.scale == pytest.approx(1.25 * start)
    reader.do("press", "ArrowUp")
    reader.do("press", "0")
    assert reader.scale < start  # all of it is seen


def test_buttons(reader: Reader) -> None:
    folded = reader.seen["svg"].count('class="node')
    reader.do("push", "unfold")
    unfolded = reader.seen["svg"].count('class="node')
    assert unfolded > 5 * folded
    assert 'aria-expanded="false"' not in reader.seen["svg"]
    reader.do("push", "fold")
    assert reader.seen["svg"].count('class="node') == folded
    start = reader.scale
    reader.do("push", "in")
    assert reader.scale > start
    reader.do("push", "out")
    assert reader.scale == pytest.approx(start)


def test_the_wheel_zooms(reader: Reader) -> None:
    start = reader.scale
    reader.do("wheel", -300)
    assert reader.scale > start
    for _ in range(40):
        reader.do("wheel", -300)
    assert reader.scale == 8


def test_facts_are_shown(reader: Reader) -> None:
    assert reader.seen["tip"] is None
    reader.do("hover", "0/1")
    assert "Output  f32[N, 64, 112, 112]" in reader.seen["tip"]
    assert "Parameters  9,408" in reader.seen["tip"]
    reader.do("hover", None)
    assert reader.seen["tip"] is None
