"""Tables of claims at the terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sankul.core.rules.roles import Role
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers
from sankul.site.cli import imports

pytestmark = pytest.mark.django_db
TABLE = (
    "reference,title,date,quantity,partner_1_organisation,partner_1_role,documents\n"
    "A-1,Accord,2025-05-10,1,iit-nagar,led,minutes.txt\n"
)


@pytest.fixture
def cluster() -> Cluster:
    programme = makers.programme(slug="city", starts_on=date(2020, 4, 1))
    cluster = makers.cluster(programme, slug="nagar")
    organisation = makers.organisation(slug="iit-nagar")
    makers.membership(cluster, organisation, from_on=date(2020, 4, 1))
    user = makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0])
    user.email = "staff@example.org"
    user.save()
    return cluster


def _import(path: Path, email: str = "staff@example.org", apply: bool = True) -> None:
    along = [path.with_name("minutes.txt")]
    along[0].write_text("They met.\n")
    kind = "government_partnership"
    imports.import_claims(path, kind, "city/nagar", email, along, submit=False, apply=apply)


@pytest.mark.usefixtures("cluster")
def test_a_table_is_checked_and_with_apply_taken_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(TABLE)
    _import(path, apply=False)
    assert "1 lines: 1 new, 0 there already, 0 problems" in capsys.readouterr().out
    assert not Claim.objects.exists()
    _import(path)
    assert "Took over 1 claims; 0 were there already." in capsys.readouterr().out
    assert Claim.objects.get().is_evidenced


@pytest.mark.usefixtures("cluster")
def test_a_table_with_problems_ends_with_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(TABLE.replace("2025-05-10", "yesterday"))
    with pytest.raises(SystemExit, match="1"):
        _import(path)
    told = capsys.readouterr()
    assert "yesterday" in told.out
    assert "Nothing was written." in told.err
    with pytest.raises(SystemExit, match="1"):
        _import(path, email="nobody@example.org")
    assert "there is no account 'nobody@example.org'" in capsys.readouterr().err


@pytest.mark.usefixtures("cluster")
def test_a_template_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imports.write_template("patent", "city/nagar", tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames[0] == "Claims"
    imports.write_template("patent", "city/nagar", tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbfreference,")
    for kind, where, name in (
        ("patents", "city/nagar", "t.csv"), ("patent", "city/far", "t.csv"),
        ("patent", "city/nagar", "t.ods"),
    ):  # fmt: skip
        with pytest.raises(SystemExit, match="1"):
            imports.write_template(kind, where, tmp_path / name)
