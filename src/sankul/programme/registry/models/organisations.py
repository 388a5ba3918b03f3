"""Organisations, legal entities, people, and how they belong."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from sankul.core.models import DateRange, tracked
from sankul.core.rules.roles import Scope, ScopeKind
from sankul.programme.registry.rules import EntityForm, MembershipKind, NameKind, OrganisationKind

from .programmes import Cluster, Dated


@tracked
class Organisation(models.Model):
    """An institution, company or government body; known by its ROR id where it has one."""

    slug = models.SlugField(_("short name in addresses"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=250)
    kind = models.CharField(_("kind"), max_length=30, choices=OrganisationKind.choices)
    ror = models.CharField(_("ROR id"), max_length=9, null=True, blank=True, unique=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, default="IN")
    is_demonstration = models.BooleanField(_("fictional, for demonstration"), default=False)

    class Meta:
        ordering = ["name"]
        indexes = [
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="organisation_name_part"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="organisation_name_like"),
        ]
        constraints = [
            # https://ror.readme.io/docs/identifier: 0, six of Crockford's base 32, two check digits
            models.CheckConstraint(
                condition=models.Q(ror__isnull=True)
                | models.Q(ror__regex=r"^0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}$"),
                name="organisation_ror_form",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scope of the organisation itself."""
        return (Scope(ScopeKind.ORGANISATION, self.pk),)


class LegalEntity(models.Model):
    """A registered body that runs a cluster."""

    name = models.CharField(_("registered name"), max_length=250)
    form = models.CharField(_("legal form"), max_length=20, choices=EntityForm.choices)
    registration = models.CharField(_("registration number"), max_length=60, blank=True)
    registered_on = models.DateField(_("registered"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "legal entities"

    def __str__(self) -> str:
        return self.name


class Stewardship(Dated):
    """Which legal entity runs which cluster, and when: at most one at a time."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="stewardships")
    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="stewardships")

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            ExclusionConstraint(
                name="stewardship_one_at_a_time",
                expressions=[
                    ("cluster", RangeOperators.EQUAL),
                    (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity} runs {self.cluster}"


class Name(Dated):
    """A name of a cluster, a legal entity or an organisation, with its dates and source."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="names")
    entity = models.ForeignKey(LegalEntity, models.PROTECT, null=True, related_name="names")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="names")
    name = models.CharField(_("name"), max_length=250)
    kind = models.CharField(_("kind of name"), max_length=20, choices=NameKind.choices)
    source_url = models.CharField(_("address of the source"), max_length=500, blank=True)

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(cluster__isnull=False, entity=None, organisation=None)
                | models.Q(cluster=None, entity__isnull=False, organisation=None)
                | models.Q(cluster=None, entity=None, organisation__isnull=False),
                name="name_of_one_thing",
            ),
        ]
        indexes = [
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="name_part"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="name_like"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class Membership(Dated):
    """An organisation's membership of a cluster.

    A trigger keeps real and fictional apart: no real organisation takes part in a demonstration programme, nor the reverse.
    """

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    kind = models.CharField(_("belongs as"), max_length=20, choices=MembershipKind.choices)

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("cluster", RangeOperators.EQUAL),
                    (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="real_with_real",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("cluster_id", "organisation_id"),
                func="""
                    IF (SELECT p.is_demonstration FROM registry_cluster c
                        JOIN registry_programme p ON p.id = c.programme_id
                        WHERE c.id = NEW.cluster_id)
                       <> (SELECT o.is_demonstration FROM registry_organisation o
                           WHERE o.id = NEW.organisation_id)
                    THEN RAISE EXCEPTION 'organisation % or cluster % is fictional, the other real',
                        NEW.organisation_id, NEW.cluster_id
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_real_with_real';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.cluster}"


class Person(models.Model):
    """A person in a public capacity; no more personal data than a name and an ORCID iD."""

    name = models.CharField(_("name"), max_length=200)
    orcid = models.CharField(_("ORCID iD"), max_length=19, null=True, blank=True, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="person"
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(orcid__isnull=True)
                | models.Q(orcid__regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"),
                name="person_orcid_form",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Post(Dated):
    """A post that a person holds at an organisation or in a cluster's office."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="posts")
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="posts")
    title = models.CharField(_("title of the post"), max_length=120)

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=False, cluster=None)
                | models.Q(organisation=None, cluster__isnull=False),
                name="post_at_one_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.title}"
