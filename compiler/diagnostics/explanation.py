"""What `dlmc explain` says of each code: one Markdown file a code.

A file in `explanations/` says what the error means, why the language has that rule, and
shows at least one example marked broken and one marked mended, in fenced blocks:

    ```dlm broken
    ```dlm mended

Tests run each of them: a broken one gives this code and no other, a mended one gives
nothing. Data files in an example are relative to the project's `examples`. A block
`dlm broken onnx` is built for that target, too; a block `sh` is a command that is run
in `examples`; a block `dlm FILE.dlm` is a file beside the example, which is then called
`program.dlm`.
"""

from collections.abc import Mapping
from pathlib import Path

from dlmc.diagnostics.codes import TITLES
from dlmc.grammar.faults import SYNTAX_CODES

FOLDER = Path(__file__).with_name("explanations")


def titles() -> Mapping[str, str]:
    """The title of every code there is, in their order."""
    return dict(sorted({**TITLES, **SYNTAX_CODES}.items()))


def explanation(code: str) -> str:
    """The Markdown page of a code, headed by the code and its title.

    Raises:
        KeyError: There is no such code.
    """
    title = titles()[code]
    return f"# {code}: {title}\n\n{(FOLDER / f'{code}.md').read_text('utf-8')}"
