"""The tutorial says what the engine does."""

import ast
import contextlib
import io
import re
from typing import Any

from .oracles import CHECKOUT

TUTORIAL = CHECKOUT / "docs" / "composite-tutorial.md"


def test_every_line_of_the_tutorial_gives_what_stands_after_it() -> None:
    names: dict[str, Any] = {}
    told = 0
    for block in re.findall(
        r"```python\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL
    ):
        lines = block.splitlines()
        for statement in ast.parse(block).body:
            source = ast.get_source_segment(block, statement) or ""
            after = lines[(statement.end_lineno or 1) - 1][statement.end_col_offset :]
            said = after.partition("  # ")[2]
            found = _outcome(source, names, printed=source.startswith("print("))
            if said:
                assert found == said, source
                told += 1
    assert told >= 20


def _outcome(source: str, names: dict[str, Any], *, printed: bool) -> str:
    if printed:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(source, names)
        return out.getvalue().rstrip("\n")
    try:
        return repr(eval(source, names))
    except SyntaxError:
        exec(source, names)
        return ""
