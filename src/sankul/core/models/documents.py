"""Documents, known by the SHA-256 of their bytes."""

from __future__ import annotations

import pgtrigger
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import User


class Document(models.Model):
    """One file, stored once whatever the number of records that cite it. Its bytes never change."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(_("file name"), max_length=255)
    media_type = models.CharField(_("media type"), max_length=120)
    size_bytes = models.BigIntegerField(_("size in bytes"))
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="document_sha256_form"
            ),
            models.CheckConstraint(condition=models.Q(size_bytes__gt=0), name="document_not_empty"),
        ]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Where the bytes lie in the document storage."""
        return stored_path(self.sha256)

    def open(self) -> File[bytes]:
        """The bytes, as a binary file."""
        return storages["documents"].open(self.path, "rb")


def stored_path(sha256: str) -> str:
    """Path in the document storage of the file with this digest."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
