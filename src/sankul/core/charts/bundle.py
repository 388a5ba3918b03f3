"""Vega-Embed for the interactive view: taken out of the chart renderer's own package.

The bundle is written once into the data folder and served from there as ``core/vega.js``. It runs
under the strict content policy because the view asks Vega for its expression interpreter
(``ast: true``), which needs no ``eval``.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import vl_convert
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage

NAME = "core/vega.js"


def bundle() -> Path:
    """The folder that holds ``core/vega.js``, made on first use for the renderer installed now."""
    versions = f"{vl_convert.get_vega_embed_version()}-{vl_convert.get_vega_version()}"
    folder = Path(settings.DATA) / "bundle" / versions
    target = folder / NAME
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
    return folder


def _write(target: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(target)


class BundleFinder(BaseFinder):
    """Finds ``core/vega.js``, for collectstatic and development."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        pass

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind a static path, or an empty list."""
        if path != NAME:
            return []
        found = str(bundle() / NAME)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """The one file with the storage that holds it."""
        yield NAME, FileSystemStorage(location=bundle())
