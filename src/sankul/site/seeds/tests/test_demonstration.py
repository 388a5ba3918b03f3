"""The demonstration tells its story, the same one each time."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.db.models import Count, Min, Q, Sum

from sankul.core.models import Document, Event, Grant, User
from sankul.core.queries.events import first_break
from sankul.core.rules import canonical
from sankul.core.rules.roles import Role
from sankul.programme.indicators.models import Framework
from sankul.programme.outcomes.models import Attachment, Claim, Credit, NilReturn
from sankul.programme.outcomes.rules import KINDS, STANDING, CreditRole, checked, missing
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.portfolio.models import (
    LessonCredit,
    Problem,
    Project,
    StageChange,
    UserCount,
)
from sankul.programme.registry.models import Membership, Organisation, Period, Programme
from sankul.programme.registry.rules import EntityForm, OrganisationKind
from sankul.programme.registry.tests.makers import AT
from sankul.site.seeds import demonstration
from sankul.site.seeds.demonstration.cast import YEARS
from sankul.site.seeds.demonstration.registers import Press
from sankul.site.seeds.demonstration.story import BOASTS

pytestmark = pytest.mark.django_db
BASE = r"^[^/]+/[^/]+/[^/]+/[0-9]{4}$"
"""References of claims that are no copies."""


def digest() -> str:
    """What the records say, without copies, ids and the moment of loading."""
    claims = Claim.objects.filter(reference__regex=BASE).order_by("reference")
    credited = Credit.objects.filter(claim__reference__regex=BASE)
    proofs = Attachment.objects.filter(claim__reference__regex=BASE)
    told: list[Any] = [
        *claims.values_list(
            "reference",
            "kind",
            "title",
            "detail",
            "on",
            "quantity",
            "status",
            "is_evidenced",
            "facts",
            "rests_on__reference",
            "project__code",
            "deployment__title",
        ),
        *credited.order_by("claim__reference", "cluster__slug", "organisation__slug").values_list(
            "claim__reference",
            "cluster__slug",
            "organisation__slug",
            "role",
            "share",
            "quantity",
            "counts",
        ),
        *proofs.order_by("claim__reference", "document").values_list(
            "claim__reference", "document", "proves"
        ),
        *NilReturn.objects.order_by("cluster__slug", "period__label", "kind").values_list(
            "cluster__slug", "period__label", "kind"
        ),
        *Document.objects.order_by("sha256").values_list("sha256", "name"),
        *_portfolio(),
    ]
    return canonical.sha256(canonical.text(told))


def _portfolio() -> Iterator[Any]:
    yield from Problem.objects.order_by("title").values_list("title", "status", "owner__slug")
    yield from Project.objects.order_by("code").values_list("code", "stage", "stage_on", "sdgs")
    yield from StageChange.objects.order_by("on", "project__code", "stage").values_list(
        "project__code", "stage", "on", "note", "changed_at"
    )
    yield from UserCount.objects.order_by("deployment__title", "as_of_on").values_list(
        "deployment__title", "as_of_on", "users"
    )
    yield from LessonCredit.objects.order_by("lesson__title", "organisation__slug").values_list(
        "lesson__title", "organisation__slug", "share"
    )


class Loads(NamedTuple):
    """What was found after loading at scale 2, and again at scale 1."""

    twofold: dict[str, Any]
    digest: str


@pytest.fixture(scope="module")
def loads(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loads]:
    """The programme loaded at scale 2 and undone; then loaded once for all tests of this file, and undone after them."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            twofold = _twofold(demonstration.load(AT, scale=2))
            transaction.set_rollback(True)
        with transaction.atomic():
            demonstration.load(AT)
            yield Loads(twofold, digest())
            transaction.set_rollback(True)


def _twofold(programme: Programme) -> dict[str, Any]:
    return {
        "digest": digest(),
        "claims": Claim.objects.count(),
        "credits": Credit.objects.filter(counts=True).count(),
        "attachments": Attachment.objects.count(),
        "documents": Document.objects.count(),
        "sum": Credit.objects.aggregate(total=Sum("quantity"))["total"],
        "next": made.claim(programme.clusters.all()[0]).reference,
    }


@pytest.fixture
def programme(loads: Loads) -> Programme:
    return Programme.objects.get(slug="demonstration")


def counts(**where: object) -> dict[str, tuple[int, int]]:
    """Submitted and documented credits by cluster."""
    found: dict[str, tuple[int, int]] = {}
    for row in (
        Credit.objects.filter(stands=True, **where)
        .order_by()
        .values("cluster__slug")
        .annotate(said=Count("pk"), proved=Count("pk", filter=Q(counts=True)))
    ):
        found[row["cluster__slug"]] = (row["said"], row["proved"])
    return found


def indicators_with_a_value(year: str) -> dict[str, Decimal]:
    """Share of the framework's indicators with a value, by cluster; the panel's have one for all, as it judges everybody."""
    framework = Framework.objects.get()
    period = Period.objects.get(label=year)
    within = Credit.objects.filter(on__range=(period.starts_on, period.ends_on), counts=True)
    proved = set(within.values_list("cluster__slug", "kind").distinct().order_by())
    nil = set(NilReturn.objects.filter(period=period).values_list("cluster__slug", "kind"))
    measures = list(framework.indicators.values_list("measure", flat=True))
    return {
        slug: Decimal(
            sum(code.startswith("panel_") or (slug, code) in proved | nil for code in measures)
        )
        / len(measures)
        for slug in demonstration.STORY
    }


def test_a_second_load_finds_the_programme_there(programme: Programme) -> None:
    assert demonstration.load(AT) == programme
    assert Event.objects.filter(verb="seed.loaded").count() == 1


def test_it_is_marked_as_a_demonstration(programme: Programme) -> None:
    assert programme.is_demonstration
    assert set(Organisation.objects.values_list("is_demonstration", "ror")) == {(True, None)}


def test_the_event_log_holds(programme: Programme) -> None:
    held, broken = first_break()
    assert broken is None
    assert held == Event.objects.count()


def test_the_framework_is_approved_by_the_apex_committee(programme: Programme) -> None:
    framework = Framework.objects.get(programme=programme)
    assert framework.status == "approved"
    assert framework.decision is not None
    assert framework.decision.reference == "AC-1/2"


def test_eight_clusters_of_every_legal_form_and_organisations_of_every_kind(
    programme: Programme,
) -> None:
    forms = set(programme.clusters.values_list("stewardships__entity__form", flat=True))
    assert programme.clusters.count() == 8
    assert forms == set(EntityForm.values) - {"unknown"}
    kinds = set(Organisation.objects.values_list("kind", flat=True))
    assert kinds == set(OrganisationKind.values)


def test_each_cluster_has_five_to_eight_members_and_some_are_shared(programme: Programme) -> None:
    sizes = programme.clusters.annotate(size=Count("memberships")).values_list("size", flat=True)
    assert all(5 <= size <= 10 for size in sizes), sorted(sizes)
    shared = Organisation.objects.annotate(n=Count("memberships")).filter(n__gt=1)
    assert shared.count() >= 4


def test_there_are_about_twelve_thousand_claims(programme: Programme) -> None:
    assert 10_000 <= Claim.objects.count() <= 13_000


def test_every_kind_is_there_in_every_year(programme: Programme) -> None:
    for period in programme.periods.all():
        within = Claim.objects.filter(on__range=(period.starts_on, period.ends_on))
        assert set(within.values_list("kind", flat=True).distinct().order_by()) == set(KINDS), (
            period
        )


def test_every_claim_says_all_that_its_kind_asks_for(programme: Programme) -> None:
    for code, facts in Claim.objects.values_list("kind", "facts"):
        kind = KINDS[code]
        assert checked(kind.facts, facts, kind.rule) == facts
        assert missing(kind.facts, facts) == []


def test_claims_rest_on_older_ones_of_a_fitting_kind(programme: Programme) -> None:
    resting = Claim.objects.filter(rests_on__isnull=False).select_related("rests_on")
    found: set[tuple[str, str]] = set()
    for claim in resting:
        base = claim.rests_on
        assert base is not None
        assert base.cluster_id == claim.cluster_id
        assert base.status in STANDING
        assert base.on <= claim.on
        assert base.kind in KINDS[claim.kind].rests_on
        found.add((claim.kind, base.kind))
    assert {kind for kind, _base in found} == {one.code for one in KINDS.values() if one.rests_on}


def test_attendance_is_that_of_the_list_that_proves_it(programme: Programme) -> None:
    for claim in Claim.objects.filter(kind="training_attendance"):
        assert sum(row["people"] for row in claim.facts["attendance"]) == claim.quantity


def test_nothing_is_older_than_programme_cluster_or_later_than_the_last_period(
    programme: Programme,
) -> None:
    first = Claim.objects.aggregate(first=Min("on"))["first"]
    assert first >= programme.starts_on
    for cluster in programme.clusters.all():
        assert cluster.claims.aggregate(first=Min("on"))["first"] >= cluster.launched_on
    assert not Claim.objects.filter(on__gt=programme.periods.get(label=YEARS[-1]).ends_on).exists()


def test_shares_of_a_claim_add_up_to_one(programme: Programme) -> None:
    sums = Claim.objects.annotate(total=Sum("credits__share")).values_list("total", flat=True)
    assert set(sums) == {Decimal(1)}


def test_some_results_are_joint(programme: Programme) -> None:
    joint = Claim.objects.annotate(n=Count("credits__cluster", distinct=True)).filter(n__gt=1)
    assert 0.06 <= joint.count() / Claim.objects.count() <= 0.10
    roles = Credit.objects.filter(claim__in=joint.values("pk")).values_list("role", flat=True)
    assert set(roles) == set(CreditRole.values)


def test_whoever_led_was_a_member_then(programme: Programme) -> None:
    since = {
        (cluster, organisation): from_on
        for cluster, organisation, from_on in Membership.objects.values_list(
            "cluster", "organisation", "from_on"
        )
    }
    led = Credit.objects.filter(role=CreditRole.LED).values_list("cluster", "organisation", "on")
    assert all(since[cluster, organisation] <= on for cluster, organisation, on in led)


def test_the_denormalised_columns_agree_with_the_claims(programme: Programme) -> None:
    assert (
        not Claim.objects.exclude(pk__in=Attachment.objects.values("claim"))
        .filter(is_evidenced=True)
        .exists()
    )
    assert not Claim.objects.filter(is_evidenced=False, attachments__isnull=False).exists()


def test_a_register_lists_the_very_claims_it_proves(programme: Programme) -> None:
    name = "tarangpura-2024-25-attendance.csv"
    document = Document.objects.get(name=name)
    with document.open() as file:
        rows = list(csv.DictReader(io.StringIO(file.read().decode())))
    people: dict[str, int] = defaultdict(int)
    for row in rows:
        people[row["reference"]] += int(row["people"])
    claims = Claim.objects.filter(documents=document)
    assert people == {claim.reference: int(claim.quantity) for claim in claims}


def test_documents_are_real_files_of_their_kind(programme: Programme) -> None:
    for document in Document.objects.all():
        with document.open() as file:
            head = file.read(5)
        of_kind = {"application/pdf": (b"%PDF-",), "text/csv": (b"refer", b"progr")}
        assert head in of_kind[document.media_type], document


def test_udayani_improves_year_on_year(programme: Programme) -> None:
    results = [
        counts(on__range=(period.starts_on, period.ends_on))["udayani"][1]
        for period in programme.periods.order_by("starts_on")
    ]
    assert results[0] * 1.5 < results[1]
    assert results[1] * 1.5 < results[2]


def test_vajrapalli_boasts_and_proves_little_of_it(programme: Programme) -> None:
    found = counts(kind__in=BOASTS, on__range=_last(programme))
    said, proved = found.pop("vajrapalli")
    assert said > 1.4 * max(other for other, _ in found.values())
    assert proved / said < 0.3
    assert (
        min(other for _, other in found.values())
        <= proved
        <= sorted(other for _, other in found.values())[4]
    )


def test_only_neelgarha_is_below_the_coverage_floor_in_the_last_year(programme: Programme) -> None:
    floor = Framework.objects.get().coverage_floor
    covered = indicators_with_a_value("2025-26")
    assert {slug for slug, share in covered.items() if share < floor} == {"neelgarha"}


def test_every_cluster_was_above_it_before(programme: Programme) -> None:
    floor = Framework.objects.get().coverage_floor
    for year in YEARS[:2]:
        assert min(indicators_with_a_value(year).values()) >= floor


def test_neelgarha_claims_much_and_is_spoken_well_of(programme: Programme) -> None:
    said = {slug: one for slug, (one, _) in counts(on__range=_last(programme)).items()}
    assert sorted(said, key=said.__getitem__)[-3:].count("neelgarha") == 1
    scores = Credit.objects.filter(kind="feedback_score", on__range=_last(programme)).order_by()
    means = {
        row["cluster__slug"]: row["total"]
        for row in scores.values("cluster__slug").annotate(total=Sum("quantity"))
    }
    assert max(means, key=means.__getitem__) in {"neelgarha", "samudrika"}


def test_shailadri_says_that_its_pilot_failed(programme: Programme) -> None:
    nils = NilReturn.objects.filter(cluster__slug="shailadri", period__label="2024-25")
    assert {"deployment", "deployment_users"} <= set(nils.values_list("kind", flat=True))
    report = Claim.objects.get(title__startswith="Report on a closed pilot")
    assert "What we learned" in report.detail
    assert report.is_evidenced


def test_nil_returns_stand_beside_no_claims(programme: Programme) -> None:
    for nil in NilReturn.objects.select_related("period"):
        within = (nil.period.starts_on, nil.period.ends_on)
        assert not Credit.objects.filter(
            cluster=nil.cluster_id, kind=nil.kind, stands=True, on__range=within
        ).exists()


def test_every_role_has_an_account_that_signs_in(programme: Programme) -> None:
    assert {role for _, role, _ in demonstration.ACCOUNTS} == set(Role) - {Role.PUBLIC}
    assert Grant.objects.count() == len(demonstration.ACCOUNTS) == 29
    officer = User.objects.get(email="officer@sankul.example")
    assert officer.check_password(demonstration.DEMONSTRATION_PASSWORD)


def test_the_same_register_is_the_same_file() -> None:
    one, other = (
        Press().pdf(
            title="Register",
            author="Nobody",
            lines=["One line"],
            rows=[["1", "2", "3", "4", "5", "6"]],
        )
        for _ in range(2)
    )
    assert one == other


def test_it_is_the_same_each_time(loads: Loads) -> None:
    assert loads.twofold["digest"] == loads.digest


def test_a_scale_repeats_claims_credits_and_proofs_but_no_documents(loads: Loads) -> None:
    assert loads.twofold["claims"] == 2 * Claim.objects.count()
    assert loads.twofold["credits"] == 2 * Credit.objects.filter(counts=True).count()
    assert loads.twofold["attachments"] == 2 * Attachment.objects.count()
    assert loads.twofold["documents"] == Document.objects.count()
    assert loads.twofold["sum"] == 2 * Credit.objects.aggregate(total=Sum("quantity"))["total"]


def test_claims_can_be_recorded_after_a_multiplied_load(loads: Loads) -> None:
    assert loads.twofold["next"].startswith("R")


def test_a_scale_below_one_is_refused(loads: Loads) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        demonstration.load(AT, scale=0)


def _last(programme: Programme) -> tuple[Any, Any]:
    period = programme.periods.get(label=YEARS[-1])
    return period.starts_on, period.ends_on
