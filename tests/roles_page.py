"""Write docs/roles.md from the tables of rights: python tests/roles_page.py"""

import csv
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "docs" / "roles.md"
HEAD = """# Who may do what

Written by `tests/roles_page.py` from `tests/role_matrix.csv`, which a test compares with what real grants allow.
A role is granted on a scope: the whole platform, a programme, a cluster or an organisation. *own* means: on records of that
scope, and of what lies within it; *everywhere*: on every record. What the public may do, everybody may. What each address of
the site answers to each role is in `tests/page_matrix.csv`.
"""


def text() -> str:
    """The page as it should be."""
    head, *rows = _table("role_matrix.csv")
    return f"{HEAD}\n{_roles(head, rows)}\n## By permission\n\n{_permissions(head, rows)}"


def _roles(head: list[str], rows: list[list[str]]) -> str:
    parts = []
    for column, name in enumerate(head[2:], 2):
        lines = [f"- {row[1]}: *{row[column]}*" for row in rows if row[column]]
        held = "\n".join(lines) or "- nothing beyond what the public may"
        parts.append(f"## {_words(name)}\n\n{held}\n")
    return "\n".join(parts)


def _permissions(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| permission | open to |", "|---|---|"]
    for row in rows:
        holders = [_words(name) for name, cell in zip(head[2:], row[2:], strict=True) if cell]
        open_to = "Public" if row[-1] else ", ".join(holders)
        lines.append(f"| {row[1]} (`{row[0]}`) | {open_to} |")
    return "\n".join(lines) + "\n"


def _words(name: str) -> str:
    role, _on, kind = name.partition(" on ")
    words = role.replace("_", " ").replace("ceo", "CEO")
    where = f" of {'the whole platform' if kind == 'platform' else f'a {kind}'}" if kind else ""
    where = where.replace("a organisation", "an organisation")
    return words[0].upper() + words[1:] + where


def _table(name: str) -> list[list[str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
