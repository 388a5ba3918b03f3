"""An import whose process is killed leaves nothing behind: a real process on a real database."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.utils import timezone

from sankul.core.models import Event
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Role
from sankul.programme.outcomes.actions import imports
from sankul.programme.outcomes.models import Claim, Credit, Import
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

DIES_AT_THE_LAST_LINE = """
import os, signal, django
django.setup()
from django.db import connection
from django.utils import timezone
from sankul.core.queries.actors import actor
from sankul.programme.outcomes.actions import imports
from sankul.programme.outcomes.models import Import
batch, at = Import.objects.get(), timezone.now()
def dying(*args, **options):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outcomes_claim")
        print("claims", cursor.fetchone()[0], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
imports._record = dying
imports.apply(actor=actor(batch.asked_by, at), batch=batch, at=at)
"""


def _die(folder: Path) -> subprocess.CompletedProcess[str]:
    info = connection.connection.info
    given = {"host": info.host, "port": info.port, "user": info.user, "password": info.password}
    query = urlencode({key: value for key, value in given.items() if value})
    paths = [path for path in sys.path if (Path(path) / "sankul").is_dir()]
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-c", DIES_AT_THE_LAST_LINE],
        env=kept
        | {
            "DATABASE_URL": f"postgresql:///{info.dbname}?{query}",
            "DJANGO_SETTINGS_MODULE": "sankul.site.settings",
            "PYTHONPATH": os.pathsep.join(paths),
            "SANKUL_DATA": str(folder),
            "SANKUL_SECRET_KEY": "a key for tests alone",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_at_its_last_line_leaves_nothing_and_can_be_asked_for_again(
    tmp_path: Path, settings: object
) -> None:
    cluster: Cluster = makers.cluster(makers.programme(starts_on=date(2020, 4, 1)))
    organisation = makers.organisation(slug="iit-nagar")
    makers.membership(cluster, organisation, from_on=date(2020, 4, 1))
    at = timezone.now()
    staff = actor_of(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]), at)
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    on_disk = kept | {"OPTIONS": {"location": tmp_path / "documents"}}
    settings.STORAGES = {**settings.STORAGES, "documents": on_disk}  # type: ignore[attr-defined]
    table = tmp_path / "claims.csv"
    head = "reference,title,date,quantity,partner_1_organisation,partner_1_role\n"
    lines = [f"K-{n},Accord {n},2025-05-10,1,iit-nagar,led\n" for n in range(60)]
    table.write_text(head + "".join(lines), "utf-8")
    with table.open("rb") as file:
        batch = imports.receive(
            actor=staff, cluster=cluster, kind="government_partnership", file=file,
            name="claims.csv", at=at,
        )  # fmt: skip
    imports.check(actor=staff, batch=batch, at=at)
    died = _die(tmp_path)
    assert died.stdout == "claims 60\n", died.stderr
    assert died.returncode == -9
    assert not Claim.objects.exists()
    assert not Credit.objects.exists()
    assert Import.objects.get().state == "sound"
    assert [event.verb for event in Event.objects.all()] == ["import.received"]
    imports.apply(actor=staff, batch=batch, at=at)
    assert Claim.objects.count() == 60
