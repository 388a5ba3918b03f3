from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage

from sankul.core import fonts
from sankul.core.charts import bundle

CSS = Path(fonts.__file__).parent / "static/core/css"


def test_every_font_file_that_the_style_sheet_names_is_found_in_the_package():
    sheet = (CSS / "base.css").read_text()
    for name in fonts.SERVED:
        assert f'url("../fonts/{name}")' in sheet
        found = Path(finders.find(f"core/fonts/{name}"))
        assert found.read_bytes()[:4] == b"\x00\x01\x00\x00"


def test_the_font_finder_serves_nothing_else_of_the_package():
    finder = fonts.FontFinder()
    assert finder.find("core/fonts/../LICENSE") == []
    assert finder.find("core/fonts/Mukta-Light.ttf") == []
    assert [name for name, _ in finder.list([])] == ["Mukta-Regular.ttf", "Mukta-SemiBold.ttf"]
    assert finder.check() == []


def test_the_interactive_bundle_is_made_once_and_can_interpret(settings, tmp_path):
    settings.DATA = tmp_path
    made = bundle.bundle() / bundle.NAME
    first = made.stat().st_mtime_ns
    assert "window.vegaEmbed" in made.read_text()
    assert bundle.bundle() / bundle.NAME == made
    assert made.stat().st_mtime_ns == first
    [(name, storage)] = bundle.BundleFinder().list([])
    assert isinstance(storage, FileSystemStorage)
    assert storage.exists(name)


def test_style_sheets_ask_for_nothing_outside_the_site_and_stay_short():
    for sheet in CSS.glob("*.css"):
        text = sheet.read_text()
        assert "://" not in text
        assert "@import" not in text
        assert text.count("\n") <= 300, sheet.name
