"""Documents that match what they describe: folders, links, commands, settings."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from sankul.site.cli import app

CHECKOUT = Path(__file__).parents[1]
PACKAGE = CHECKOUT / "src" / "sankul"
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _text(path: str) -> str:
    return (CHECKOUT / path).read_text("utf-8")


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _tree() -> list[str]:
    """The folders that structure.md draws, from the checkout."""
    block = re.search(r"^```\nsrc/sankul/\n(.*?)^```$", _text("docs/structure.md"), re.M | re.S)
    assert block is not None
    lines = [line for line in block[1].splitlines() if line]
    inner = [f"src/sankul/{line.split()[0]}" for line in lines if line.startswith("  ")]
    return inner + [line.split()[0] for line in lines if not line.startswith(" ")]


@pytest.mark.parametrize("folder", _tree())
def test_every_folder_of_the_structure_exists(folder: str) -> None:
    assert folder.endswith("/")
    assert (CHECKOUT / folder).is_dir()


def test_every_area_and_engine_is_in_the_structure() -> None:
    found = [
        f"src/sankul/{path.parent.relative_to(PACKAGE).as_posix()}/"
        for wing in ("programme", "engines", "core", "field", "site")
        for path in (PACKAGE / wing).glob("*/__init__.py")
        if path.parent.name not in {"migrations", "tests", "templatetags", "management"}
    ]
    assert sorted(set(found) - set(_tree())) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if re.match(r"\w+:", link):
            continue
        name, _hash, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), link


def _commands(path: str) -> list[list[str]]:
    """Every command line in the shell blocks of a page, in words, without what is set before it."""
    lines = "".join(FENCE.findall(_text(path))).splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [[word for word in line if not re.match(r"[A-Z_]+=", word)] for line in words if line]


@pytest.mark.parametrize("path", ["README.md", "docs/runbook.md"])
def test_every_make_target_that_is_named_exists(path: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.MULTILINE))
    named = {line[1] for line in _commands(path) if line[:1] == ["make"]}
    named |= set(re.findall(r"`make ([a-z]+)`", _text(path)))
    assert named
    assert named <= targets


@pytest.mark.parametrize("path", ["README.md", "docs/runbook.md"])
def test_every_sankul_command_that_is_named_exists_with_its_options(path: str) -> None:
    named = [line[1:] for line in _commands(path) if line[0].endswith("bin/sankul")]
    named += [text.split() for text in re.findall(r"`sankul ([a-z ]+)`", _text(path))]
    assert named
    for words in named:
        command, left = typer.main.get_command(app), list(words)
        while hasattr(command, "commands"):
            command = command.commands[left.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in left if word.startswith("--")} <= known, words


def test_every_setting_is_in_the_runbook_and_every_one_there_is_read() -> None:
    read = set()
    for source in PACKAGE.rglob("*.py"):
        if "tests" not in source.relative_to(PACKAGE).parts:
            read |= set(re.findall(r'"(SANKUL_[A-Z0-9_]+)"', source.read_text("utf-8")))
    settings = _text("docs/runbook.md").partition("## First start")[0]
    assert set(re.findall(r"`(SANKUL_[A-Z0-9_]+)`", settings)) == read


def test_every_area_has_its_page() -> None:
    areas = {path.parent.name for path in (PACKAGE / "programme").glob("*/apps.py")}
    pages = {path.stem for path in (CHECKOUT / "docs/areas").glob("*.md")}
    assert areas - pages == set()
