"""Documents: kept once by the digest of their bytes, told by their first bytes."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q
from django.db.utils import ProgrammingError

from sankul.core.actions import documents
from sankul.core.models import Document
from sankul.core.models.documents import stored_path
from sankul.core.queries import documents as queries
from sankul.core.rules.documents import KINDS, media_type
from sankul.core.rules.verdicts import Refused

from . import makers
from .disks import full, small_disk

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path: Path) -> None:
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = {
        **settings.STORAGES,
        "documents": kept | {"OPTIONS": {"location": tmp_path}},
    }


def _keep(content: bytes, name: str) -> Document:
    return documents.keep(actor=None, file=io.BytesIO(content), name=name, at=makers.AT)


def _bytes(document: Document) -> bytes:
    with document.open() as file:
        return bytes(file.read())


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names or ("a.txt",):
            archive.writestr(name, "a")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "report.pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "photo.PNG", "image/png"),
        (b"\xff\xd8\xff\xe0....", "photo.jpeg", "image/jpeg"),
        (_zip(), "records.zip", "application/zip"),
        (_zip("mimetype"), "accounts.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        (b"PAR1....", "rows.parquet", "application/vnd.apache.parquet"),
        ("नाम,संख्या\n".encode(), "rows.csv", "text/csv"),
        ("न".encode() * 400, "long.txt", "text/plain"),
        (b"{}", "rows.json", "application/json"),
    ],
)
def test_a_file_is_kept_with_its_kind(content: bytes, name: str, kind: str) -> None:
    kept = _keep(content, name)
    assert (kept.name, kept.media_type, kept.size_bytes) == (name, kind, len(content))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.added_at == makers.AT
    assert _bytes(kept) == content


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "empty.pdf", "“empty.pdf” is empty."),
        (b"", "empty.txt", "“empty.txt” is empty."),
        (b"GIF89a....", "photo.png", "not a file of a kind that is kept here"),
        (b"MZ\x90\x00....", "report.pdf", "not a file of a kind that is kept here"),
        (b"\x7fELF....", "report.pdf", "not a file of a kind that is kept here"),
        (b"MZ is how programs begin", "report.txt", "not a file of a kind that is kept here"),
        (b"#!/bin/sh\n", "report.txt", "not a file of a kind that is kept here"),
        (b"text with \x00 in it", "report.csv", "not a file of a kind that is kept here"),
        (b"a" * 600 + b"\x00", "report.csv", "is not a text in UTF-8. Save it as UTF-8"),
        (b"a" * 600 + b"\xe9", "report.txt", "is not a text in UTF-8. Save it as UTF-8"),
        (b"\xff\xd8\xff\xe0", "photo.png", "is not what its name says: it begins like .jpg."),
        (b"PK\x03\x04", "report.pdf", "is not what its name says: it begins like .xlsx."),
        (PDF, "report.txt.png", "is not what its name says: it begins like .pdf."),
        (_zip(), "accounts.xlsx", "is damaged, or not what its name says."),
        (_zip("word/document.xml"), "accounts.xlsx", "is damaged, or not what its name says."),
        (_zip("xl/workbook.xml")[:-9], "accounts.xlsx", "is damaged, or not what its name"),
        (_zip("xl/workbook.xml", "xl/vbaProject.bin"), "accounts.xlsx", "contains macros."),
        (PDF + _zip(), "report.pdf", "is an archive too, which can hide something."),
        (b"\x89PNG\r\n\x1a\n" + _zip(), "photo.png", "is an archive too, which can hide"),
        (b"\xff\xd8\xff" + _zip("a.class"), "photo.jpg", "is an archive too, which can hide"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='a()'/>", "photo.png", "not a file of"),
        (b"\xff\xfenot UTF-8", "report.txt", "not a file of a kind that is kept here"),
        (b"<html></html>", "page.html", "not a file of a kind that is kept here"),
        (b"<svg/>", "drawing.svg", "not a file of a kind that is kept here"),
        (PDF, "report", "not a file of a kind that is kept here"),
        (PDF, "report.pdf.exe", "not a file of a kind that is kept here"),
    ],
)
def test_a_file_that_is_not_kept_is_refused_by_its_name(
    content: bytes, name: str, why: str
) -> None:
    with pytest.raises(Refused, match=why) as caught:
        _keep(content, name)
    assert caught.value.reason.startswith(f"“{name}”")
    assert not Document.objects.exists()
    assert not storages["documents"].exists(stored_path(hashlib.sha256(content).hexdigest()))


def test_the_refusal_names_the_kinds_that_are_kept() -> None:
    with pytest.raises(Refused, match=r"\.pdf, \.png, \.jpg, \.jpeg, \.xlsx"):
        _keep(b"?", "report.exe")


def test_a_file_at_the_limit_is_kept_and_one_byte_more_is_not(settings) -> None:
    settings.DOCUMENT_MAX_BYTES = 2**20
    assert _keep(b"a" * 2**20, "full.txt").size_bytes == 2**20
    with pytest.raises(Refused, match=r"“over.txt” is larger than 1 MB. Split it or lower its"):
        _keep(b"b" * (2**20 + 1), "over.txt")


def test_a_file_without_end_is_read_no_further_than_the_limit(settings) -> None:
    class Endless(io.RawIOBase):
        served = 0

        def read(self, size: int = -1) -> bytes:
            self.served += size
            return b"a" * size

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

    settings.DOCUMENT_MAX_BYTES = 3 * 2**20
    endless = Endless()
    with pytest.raises(Refused, match="larger than 3 MB"):
        documents.keep(actor=None, file=endless, name="endless.txt", at=makers.AT)
    assert endless.served == 4 * 2**20


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/report.pdf", "report.pdf"),
        ("C:\\Users\\asha\\report.pdf", "report.pdf"),
        ("/report.pdf", "report.pdf"),
        ("रिपोर्ट 2026.pdf", "रिपोर्ट 2026.pdf"),
        ("line\nbreak\x00.pdf", "linebreak.pdf"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("..\\..\\report.pdf", "report.pdf"),
        ("report\u202efdp.exe.pdf", "reportfdp.exe.pdf"),
        ("re\u200bport\u2066.pdf", "report.pdf"),
        (" .report.pdf. ", "report.pdf"),
        ("re\u0301sume\u0301.pdf", "résumé.pdf"),
    ],
)
def test_a_name_loses_its_path_and_what_cannot_be_printed(given: str, kept: str) -> None:
    assert _keep(PDF, given).name == kept


@pytest.mark.parametrize("name", ["report\u202efdp.exe", "a." + "b" * 300, "\u202e", "..", ""])
def test_a_name_that_hides_its_ending_is_refused_by_what_is_left_of_it(name: str) -> None:
    with pytest.raises(Refused, match="not a file of a kind that is kept here"):
        _keep(PDF, name)


def test_a_directory_of_an_archive_that_is_too_large_to_be_true_is_not_read() -> None:
    content = bytearray(_zip("xl/workbook.xml"))
    end = content.rfind(b"PK\x05\x06")
    content[end + 12 : end + 16] = (2**31).to_bytes(4, "little")
    with pytest.raises(Refused, match="is damaged, or not what its name says"):
        _keep(bytes(content), "accounts.xlsx")


def test_the_same_bytes_are_kept_once_under_their_first_name() -> None:
    first = documents.keep(
        actor=makers.officer(), file=io.BytesIO(PDF), name="first.pdf", at=makers.AT
    )
    again = _keep(PDF, "again.pdf")
    assert again == first
    assert (again.name, again.added_by) == ("first.pdf", first.added_by)
    assert len(storages["documents"].listdir(f"{first.sha256[:2]}/{first.sha256[2:4]}")[1]) == 1


def test_a_file_is_read_from_its_beginning_wherever_it_stands() -> None:
    file = io.BytesIO(PDF)
    file.seek(9)
    kept = documents.keep(actor=None, file=file, name="report.pdf", at=makers.AT)
    assert _bytes(kept) == PDF


def test_bytes_whose_record_a_crash_took_are_adopted() -> None:
    content = b"written before the crash\n"
    path = stored_path(hashlib.sha256(content).hexdigest())
    storages["documents"].save(path, ContentFile(content))
    kept = _keep(content, "report.txt")
    assert kept.path == path
    assert _bytes(kept) == content


def test_bytes_that_a_crash_cut_short_are_written_again() -> None:
    content = b"written whole after the crash\n"
    path = stored_path(hashlib.sha256(content).hexdigest())
    storages["documents"].save(path, ContentFile(content[:7]))
    assert _bytes(_keep(content, "report.txt")) == content


def test_a_change_that_is_rolled_back_leaves_no_record() -> None:
    content = b"rolled back\n"
    with transaction.atomic():
        _keep(content, "report.txt")
        transaction.set_rollback(True)
    assert not Document.objects.exists()
    assert _bytes(_keep(content, "report.txt")) == content


def test_the_database_lets_no_record_of_a_document_change() -> None:
    kept = _keep(PDF, "report.pdf")
    with pytest.raises(ProgrammingError, match="Cannot update"):
        Document.objects.filter(pk=kept.pk).update(name="other.pdf")


def test_the_first_bytes_say_the_kind_of_every_file_that_has_some() -> None:
    for kind in KINDS:
        for magic in kind.magic:
            for ending in kind.endings:
                assert media_type(name=f"a{ending}", head=magic + b"...") == kind.media_type
                assert media_type(name=f"a{ending}", head=b"..." + magic) is None


def test_a_document_is_read_by_those_who_see_a_record_that_cites_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown, hidden = makers.document(), makers.document()
    monkeypatch.setattr(queries, "CONDITIONS", {})
    assert not queries.readable(makers.officer()).exists()
    queries.declare("one", lambda actor: Q(pk=shown.pk))
    queries.declare("two", lambda actor: Q(pk=hidden.pk) if actor.user else Q(pk__in=[]))
    assert list(queries.readable(makers.public())) == [shown]
    assert set(queries.readable(makers.officer())) == {shown, hidden}


def test_an_area_declares_its_documents_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CONDITIONS", {})

    def condition(actor: object) -> Q:
        return Q()

    assert queries.declare("one", condition) is queries.declare("one", condition)
    with pytest.raises(ValueError, match="the area one declares its documents twice"):
        queries.declare("one", lambda actor: Q())


def test_a_full_disk_keeps_nothing_of_a_document_and_says_so(settings, tmp_path: Path) -> None:
    content = PDF + bytes(100_000)
    with small_disk(tmp_path / "disk") as disk:
        settings.STORAGES["documents"]["OPTIONS"]["location"] = disk / "documents"
        _keep(PDF, "first.pdf")
        with full(disk), pytest.raises(Refused, match="no room left"):
            _keep(content, "large.pdf")
        kept = [path.stat().st_size for path in (disk / "documents").rglob("*") if path.is_file()]
        assert (Document.objects.count(), kept) == (1, [len(PDF)])
        assert _bytes(_keep(content, "large.pdf")) == content
