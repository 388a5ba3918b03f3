"""Write docs/plausibility-rules.md from the rules in force: python tests/rules_page.py"""

import tomllib
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
PAGE = CHECKOUT / "docs" / "plausibility-rules.md"
SOURCE = CHECKOUT / "src/sankul/programme/evidence/rules/plausibility.toml"
HEAD = """# Plausibility rules

Written by `tests/rules_page.py` from `src/sankul/programme/evidence/rules/plausibility.toml`, which the site reads and shows at
`/plausibility/rules/`. A rule asks a question about a claim; it is no verdict. How findings are answered and ruled on:
[plausibility](areas/plausibility.md).
"""


def text() -> str:
    """The page as it should be."""
    told = tomllib.loads(SOURCE.read_text("utf-8"))["rule"]
    return "\n".join([HEAD, *map(_rule, told)])


def _rule(told: dict[str, Any]) -> str:
    kinds = "every kind" if told["kinds"] == ["*"] else ", ".join(f"`{it}`" for it in told["kinds"])
    lines = [
        f"## {told['title']}\n",
        f"`{told['code']}` · {told['severity']} · looks at {kinds}\n",
        f"> {told['says']}\n",
        told["why"] + "\n",
    ]
    parameters = told.get("parameters", {})
    lines += [f"- `{name}`: {_shown(value)}" for name, value in parameters.items()]
    return "\n".join(lines) + ("\n" if parameters else "")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {' / '.join(filter(None, each))}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
