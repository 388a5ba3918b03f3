"""The site's font, served out of its package: Mukta (Latin and Devanagari, SIL Open Font License).

The files stay where pip put them. Digits of Mukta are proportional; its ``tnum`` feature makes
them tabular, which the style sheet asks for wherever numbers stand in columns.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.checks import Error as CheckError
from django.core.files.storage import FileSystemStorage, Storage

from sankul.engines.pictures.look import FONT_FOLDER as FOLDER

SERVED = ("Mukta-Regular.ttf", "Mukta-SemiBold.ttf")
PREFIX = "core/fonts"


class FontFinder(BaseFinder):
    """Finds ``core/fonts/Mukta-*.ttf`` in the font's package, for collectstatic and development."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=FOLDER)
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]  # collectstatic reads it

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Every file that the style sheet names is in the package."""
        return [
            CheckError(f"the font package has no {name}", id="core.fonts")
            for name in SERVED
            if not (FOLDER / name).is_file()
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind a static path, or an empty list."""
        folder, name = os.path.split(path)
        if folder != PREFIX or name not in SERVED:
            return []
        found = str(FOLDER / name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Each served file with the storage that holds it."""
        for name in SERVED:
            yield name, self.storage
