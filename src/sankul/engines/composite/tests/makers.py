"""Small packages for tests."""

from typing import Any

from sankul.engines import composite


def a_framework(*indicators: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A framework of one node; two indicators with goalposts 0 to 10 unless given."""
    given = indicators or ({"id": "x"}, {"id": "y"})
    content: dict[str, Any] = {
        "framework": {"id": "f", "title": "F", "version": "1"},
        "node": [{"id": "root", "title": "Root"}],
        "indicator": [
            {"parent": "root", "weight": 1.0, "direction": 1, "goalposts": [0, 10]} | indicator
            for indicator in given
        ],
        "step": [{"do": "normalise", "method": "goalposts"}, {"do": "aggregate"}],
    }
    return content | changes


def a_package(
    values: dict[str, list[float | None]],
    framework: dict[str, Any] | None = None,
    *,
    units: dict[str, dict[str, Any]] | None = None,
    **more: Any,
) -> composite.Package:
    """A package of units with values in the order of the framework's indicators."""
    content = framework or a_framework()
    ids = [indicator["id"] for indicator in content["indicator"]]
    rows = [{"unit": u, **dict(zip(ids, v, strict=True))} for u, v in values.items()]
    about = [{"unit": u, **(units or {}).get(u, {})} for u in values]
    return composite.Package.from_parts(content, about, rows, **more)


def ran(values: dict[str, list[float | None]], framework: dict[str, Any], **more: Any) -> Any:
    """The result of such a package."""
    package = a_package(values, framework, **more)
    return composite.run(package.spec, package.frame)
