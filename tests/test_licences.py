"""What is installed to run may be passed on."""

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
LOCKED: dict[str, str] = dict(
    re.findall(
        r"^([a-z0-9-]+)(?:\[[^\]]*\])?==([^ \\;]+)",
        (CHECKOUT / "requirements.lock").read_text("utf-8"),
        re.MULTILINE,
    )
)
COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)


def _stated(name: str) -> list[str]:
    """Every statement of a distribution on its licence: the expression, the first line of the text, the classifiers."""
    found = metadata(name)
    classifiers = [line for line in found.get_all("Classifier") or [] if line.startswith("License")]
    first = (found.get("License") or "").strip().partition("\n")[0]
    return [text for text in (found.get("License-Expression"), first, *classifiers) if text]


def test_the_lock_is_read() -> None:
    assert {"django", "psycopg", "boto3"} <= LOCKED.keys()


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_everything_installed_to_run_states_a_licence_that_is_neither_gpl_nor_agpl(
    name: str,
) -> None:
    stated = _stated(name)
    assert stated
    assert not [text for text in stated if COPYLEFT.search(text)]


@pytest.mark.parametrize("text", ["GPL-3.0-only", "AGPLv3", "GNU General Public License v3"])
def test_the_pattern_knows_what_it_looks_for(text: str) -> None:
    assert COPYLEFT.search(text)
    assert not COPYLEFT.search("LGPL-3.0-only")


def test_the_stack_names_every_dependency_with_its_locked_version() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["s3"]
    names = {re.split(r"[\[<>=]", item)[0] for item in asked}
    told = re.findall(
        r"^\| ([a-z0-9-]+) \| (\d[^ ]*) \|",
        (CHECKOUT / "docs/adr/0006-the-stack.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert dict(told) == {name: LOCKED[name] for name in names}
