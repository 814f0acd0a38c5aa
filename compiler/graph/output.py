"""Pictures as files: SVG, and a page that needs nothing else."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from string import Template

from dlmc.graph.structure import document, graph_of
from dlmc.summary.model import ModelSummary

_FOLDER = Path(__file__).parent
MISSING = "an SVG is drawn with quickjs-ng, which is not installed"
HINT = "pip install 'dlmc[graph]', or write a page: `-o NAME.html` needs nothing"


_CLONE = "globalThis.structuredClone = (value) => JSON.parse(JSON.stringify(value));"
"""What browsers have and the engine lacks; what dagre clones is lists of names."""


_STACK = 64 * 1024 * 1024
"""Bytes that a recursion may take; memory is used only as far as it goes."""


class TooLargeError(Exception):
    """A model with more nodes than can be laid out."""


class EngineMissingError(Exception):
    """The JavaScript engine that an SVG is drawn with is not installed."""


def page(title: str, summaries: Sequence[ModelSummary], depth: int) -> str:
    """One HTML file with models whose blocks fold; it fetches nothing.

    Args:
        title: What the page is called.
        summaries: The models, one below the other.
        depth: How many levels are unfolded at first, the model itself being one.
    """
    script = _comment(asset("vendor/dagre.LICENSE")) + "".join(
        map(asset, ("vendor/dagre.min.js", "assets/picture.js", "assets/page.js"))
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'"
    )
    return Template(asset("assets/page.html")).substitute(
        title=escape(title),
        policy=escape(policy),
        page_style=asset("assets/page.css"),
        picture_style=asset("assets/picture.css"),
        data=_json(summaries, depth),
        script=script,
    )


def svg(summaries: Sequence[ModelSummary], depth: int) -> str:
    """An SVG file of models; arguments as in `page`.

    Raises:
        EngineMissingError: quickjs-ng is not installed.
        TooLargeError: So many nodes stand in one row after another that the layout
            comes to no end.
    """
    try:
        import quickjs
    except ImportError:
        raise EngineMissingError(MISSING) from None
    models = _json(summaries, depth)

    def draw() -> str:
        engine = quickjs.Context()
        engine.set_max_stack_size(_STACK // 2)
        engine.eval(_CLONE)
        engine.eval(asset("vendor/dagre.min.js"))
        # As JSON, since the engine hands out no string that it has not yet joined.
        engine.eval(
            asset("assets/picture.js") + "globalThis.draw = (models, style) => JSON"
            ".stringify(picture.render(JSON.parse(models), style,"
            " ({ open }) => open).svg);"
        )
        return str(json.loads(engine.get("draw")(models, asset("assets/picture.css"))))

    try:
        return _with_stack(draw) + "\n"
    except quickjs.StackOverflow:
        raise TooLargeError from None


def _with_stack(work: Callable[[], str]) -> str:
    """Do work in a thread with a stack for recursion along thousands of nodes."""
    before = threading.stack_size(_STACK)
    try:
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(work).result()
    finally:
        threading.stack_size(before)


def _json(summaries: Sequence[ModelSummary], depth: int) -> str:
    """The models as JSON that can stand in a page: no `<` in it ends a script."""
    models = []
    for i, summary in enumerate(summaries):
        model = graph_of(summary, f"{i}/")
        models.append(document(model, depth))
    text = json.dumps(models, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _comment(text: str) -> str:
    return f"/*\n{text.strip()}\n*/\n"


def asset(name: str) -> str:
    """The text of a file beside this one: `assets/…` or `vendor/…`."""
    return (_FOLDER / name).read_text("utf-8")
