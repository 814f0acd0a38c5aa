"""`dlmc explain`."""

import sys
from difflib import get_close_matches

import click


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Say what an error or a warning means, with an example and its mend.

    Without a CODE, list all of them.

    \b
    Example:
      dlmc explain E0304
    """
    from dlmc.diagnostics.explanation import explanation, titles

    known = titles()
    if code is None:
        for name, title in known.items():
            click.echo(f"{name}  {title}")
        return
    name = code.upper()
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.6)
        hint = (
            f"did you mean {' or '.join(sorted(near))}?"
            if near
            else ("`dlmc explain` lists all of them")
        )
        raise click.UsageError(f"there is no code {code!r}; {hint}")
    text = explanation(name)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text, code_theme="ansi_dark"))
    else:
        click.echo(text, nl=False)
