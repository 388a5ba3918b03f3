"""Claims, whom they credit, the documents behind them, and declarations of nothing."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document, tracked
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, narrowed
from sankul.programme.outcomes.rules import (
    JUDGED,
    KIND_CHOICES,
    KINDS,
    SEE_CLAIMS,
    STANDING,
    URL_MAX,
    ClaimStatus,
    CreditRole,
    Kind,
)
from sankul.programme.portfolio.models import Deployment, Project
from sankul.programme.registry.models import Cluster, Organisation, Period, Programme

_STANDS = "{0}.status IN " + str(tuple(map(str, sorted(STANDING))))
_COUNTS = f"{_STANDS} AND ({{0}}.is_evidenced OR {{0}}.status = 'rejected')"
"""A rejected claim is known to be nothing: it counts, with a quantity of 0, whether or not anything was attached."""
_QUANTITY = "coalesce({0}.verified_quantity, {0}.quantity, 0)"


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Claims the actor may see: those of the own scope, and those that stand in periods open to the public."""
        if PLATFORM in actor.scopes(SEE_CLAIMS):
            return self
        open_period = Period.objects.filter(
            programme=models.OuterRef("programme"),
            starts_on__lte=models.OuterRef("on"),
            ends_on__gte=models.OuterRef("on"),
            opened_at__isnull=False,
        )
        public = models.Q(models.Exists(open_period), status__in=STANDING)
        own = narrowed(actor, SEE_CLAIMS, programme="programme", cluster="cluster")
        return self.filter(own | public)


def _verified_as_judged() -> models.Q:
    """The verified quantity agrees with the judgement: all, a part, nothing, or none where nobody judged."""
    verified, claimed = models.F("verified_quantity"), models.F("quantity")
    by_status = {
        ClaimStatus.VERIFIED: models.Q(verified_quantity=claimed),
        ClaimStatus.PARTLY_VERIFIED: models.Q(verified_quantity__gt=0, quantity__gt=verified),
        ClaimStatus.REJECTED: models.Q(verified_quantity=0),
    }
    fits = models.Q(verified_quantity__isnull=True) & ~models.Q(status__in=sorted(JUDGED))
    for status, agrees in by_status.items():
        fits |= models.Q(agrees, status=status)
    return fits


@tracked
class Claim(models.Model):
    """A result that a cluster claims: so much of one kind on one day. It counts once submitted, with evidence.

    ``facts`` says what the kind asks for (``rules.facts``); ``verified_quantity`` how much of it was found to be so. Once
    ``locked_at`` is set, the database lets nothing of it change: no column, no credit, no attachment.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="claims")
    cluster = models.ForeignKey(
        Cluster,
        models.PROTECT,
        related_name="claims",
        verbose_name=_("claimed by"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=40, choices=KIND_CHOICES)
    reference = models.CharField(_("own reference"), max_length=80)
    title = models.CharField(_("title"), max_length=250)
    detail = models.TextField(_("detail"), blank=True)
    on = models.DateField(_("date"))
    quantity = models.DecimalField(
        _("quantity"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    rests_on = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="carries",
        verbose_name=_("rests on"),
        db_index=False,
    )
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("project"),
        db_index=False,
    )
    deployment = models.ForeignKey(
        Deployment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("deployment"),
        db_index=False,
    )
    status = models.CharField(
        _("status"), max_length=20, choices=ClaimStatus.choices, default=ClaimStatus.DRAFT
    )
    is_evidenced = models.BooleanField(_("has evidence"), default=False, editable=False)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    verified_quantity = models.DecimalField(
        _("verified quantity"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    judgement = models.TextField(_("reason of the judgement"), blank=True)
    locked_at = models.DateTimeField(_("locked"), null=True, blank=True)
    documents: models.ManyToManyField[Document, Attachment] = models.ManyToManyField(
        Document, through="Attachment", related_name="claims"
    )

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "reference"], name="claim_reference_once_a_cluster"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="claim_quantity_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=sorted(STANDING))
                | models.Q(submitted_at__isnull=False, quantity__isnull=False),
                name="claim_submitted_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=sorted(JUDGED))
                | models.Q(judged_at__isnull=False, verified_quantity__isnull=False),
                name="claim_judged_when",
            ),
            models.CheckConstraint(condition=_verified_as_judged(), name="claim_verified_quantity"),
        ]
        indexes = [
            models.Index(fields=["cluster", "kind", "on"], name="claim_of_cluster"),
            models.Index(fields=["kind", "on", "id"], name="claim_of_kind"),
            models.Index(fields=["on", "id"], name="claim_by_day"),
            models.Index(
                fields=["on", "id"],
                condition=models.Q(status=ClaimStatus.DRAFT),
                name="claim_draft_by_day",
            ),
            models.Index(
                fields=["reference"],
                opclasses=["varchar_pattern_ops"],
                name="claim_reference_start",
            ),
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="claim_title_part"),
            models.Index(
                fields=["rests_on"],
                condition=models.Q(rests_on__isnull=False),
                name="claim_rests_on",
            ),
            *(
                models.Index(
                    fields=[name],
                    condition=models.Q(**{f"{name}__isnull": False}),
                    name=f"claim_of_{name}",
                )
                for name in ("project", "deployment")
            ),
            models.Index(
                fields=["programme", "on"],
                condition=models.Q(locked_at__isnull=False),
                name="claim_locked",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="credits_follow",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf(
                    "kind", "on", "quantity", "status", "is_evidenced", "verified_quantity"
                ),
                func=f"""
                    UPDATE outcomes_credit SET kind = NEW.kind, "on" = NEW."on",
                        quantity = {_QUANTITY.format("NEW")} * share,
                        stands = {_STANDS.format("NEW")},
                        counts = {_COUNTS.format("NEW")}
                    WHERE claim_id = NEW.id;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Protect(
                name="locked",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__locked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_of(self) -> Kind:
        """Everything that is fixed by the kind of claim."""
        return KINDS[self.kind]

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.programme_id),
        )


def _shares_within_one(name: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    """One check a statement, so that a million credits are checked by one grouping and not by a million queries."""
    return pgtrigger.Trigger(
        name=f"shares_within_one_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[("claim", "bigint")],
        func="""
            SELECT c.claim_id INTO claim FROM outcomes_credit c
            WHERE c.claim_id IN (SELECT n.claim_id FROM new_rows n)
            GROUP BY c.claim_id HAVING sum(c.share) > 1 LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'the shares of claim % add up to more than 1', claim
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_shares_within_one';
            END IF;
            RETURN NULL;
        """,
    )


def _locked_with_claim() -> list[pgtrigger.Trigger]:
    """What belongs to a locked claim is locked with it; one look a statement, whatever the number of rows."""
    rows = {
        pgtrigger.Insert: pgtrigger.Referencing(new="changed_rows"),
        pgtrigger.Update: pgtrigger.Referencing(old="changed_rows", new="new_rows"),
        pgtrigger.Delete: pgtrigger.Referencing(old="changed_rows"),
    }
    return [
        pgtrigger.Trigger(
            name=f"locked_{str(operation).lower()}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            declare=[("claim", "bigint")],
            func="""
                SELECT c.id INTO claim FROM outcomes_claim c
                WHERE c.locked_at IS NOT NULL AND c.id IN (SELECT r.claim_id FROM changed_rows r)
                LIMIT 1;
                IF FOUND THEN
                    RAISE EXCEPTION 'claim % is locked', claim
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_locked';
                END IF;
                RETURN NULL;
            """,
        )
        for operation, referencing in rows.items()
    ]


class Credit(models.Model):
    """Who is credited with which share of a claim, in which role.

    ``kind``, ``on``, ``quantity`` (the claim's × share), ``stands`` and ``counts`` are kept by triggers from the claim, so that a
    measure is one index scan.
    """

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="credits", db_index=False)
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="credits", db_index=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="credits")
    role = models.CharField(_("role"), max_length=20, choices=CreditRole.choices)
    share = models.DecimalField(
        _("share"), max_digits=7, decimal_places=6, validators=[MaxValueValidator(1)]
    )
    kind = models.CharField(max_length=40, editable=False, default="")
    on = models.DateField(editable=False, null=True)
    quantity = models.DecimalField(max_digits=24, decimal_places=10, editable=False, default=0)
    stands = models.BooleanField(editable=False, default=False)
    counts = models.BooleanField(editable=False, default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "cluster", "organisation"], name="credit_once_a_partner"
            ),
            models.CheckConstraint(
                condition=models.Q(share__gt=0, share__lte=1), name="credit_share_in_range"
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "on", "cluster"],
                include=["organisation", "claim", "role", "quantity", "stands", "counts"],
                name="credit_measure",
            ),
            models.Index(
                "cluster",
                "kind",
                models.F("on").desc(nulls_last=True),
                models.F("id").desc(),
                include=["quantity", "stands", "counts"],
                name="credit_of_cluster",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="follow_claim",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("claim_id", "share"),
                func=f"""
                    SELECT c.kind, c."on", {_QUANTITY.format("c")} * NEW.share, {_STANDS.format("c")},
                           {_COUNTS.format("c")}
                    INTO NEW.kind, NEW."on", NEW.quantity, NEW.stands, NEW.counts
                    FROM outcomes_claim c WHERE c.id = NEW.claim_id;
                    RETURN NEW;
                """,
            ),
            _shares_within_one("inserted", pgtrigger.Insert),
            _shares_within_one("updated", pgtrigger.Update),
            *_locked_with_claim(),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.role} {self.share}"


class Attachment(models.Model):
    """A document or a web address behind a claim, and what it proves; ``suffices`` where it alone is evidence."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="attachments", db_index=False)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    url = models.CharField(_("web address"), max_length=URL_MAX, blank=True)
    suffices = models.BooleanField(_("is evidence by itself"), default=True)
    proves = models.CharField(_("what it proves"), max_length=250, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "document"], name="attachment_once"),
            models.UniqueConstraint(
                fields=["claim", "url"], condition=~models.Q(url=""), name="attachment_link_once"
            ),
            models.CheckConstraint(
                condition=models.Q(document__isnull=False, url="")
                | models.Q(document__isnull=True, url__regex=r"^https?://[^\s]+$"),
                name="attachment_document_or_link",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="evidence_comes",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="""
                    UPDATE outcomes_claim c SET is_evidenced = TRUE
                    WHERE NOT c.is_evidenced
                      AND c.id IN (SELECT n.claim_id FROM new_rows n WHERE n.suffices);
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="evidence_goes",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="old_rows"),
                func="""
                    UPDATE outcomes_claim c SET is_evidenced = FALSE
                    WHERE c.is_evidenced AND c.id IN (SELECT o.claim_id FROM old_rows o)
                      AND NOT EXISTS (
                        SELECT 1 FROM outcomes_attachment a WHERE a.claim_id = c.id AND a.suffices);
                    RETURN NULL;
                """,
            ),
            *_locked_with_claim(),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.claim}"

    @property
    def name(self) -> str:
        """The file's name, or the address."""
        return self.document.name if self.document else self.url


class NilReturn(models.Model):
    """A cluster's declaration that it has nothing of a kind in a period: then zero is a fact, not a gap."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="nil_returns")
    period = models.ForeignKey(Period, models.PROTECT, related_name="nil_returns")
    kind = models.CharField(_("kind"), max_length=40, choices=KIND_CHOICES)
    declared_at = models.DateTimeField(_("declared"))
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "period", "kind"], name="nil_return_once")
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: no {self.kind} in {self.period}"
