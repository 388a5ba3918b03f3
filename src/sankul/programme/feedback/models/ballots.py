"""Sealed ballots, until they are counted."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models

from .surveys import Survey


class Ballot(models.Model):
    """One answer that nobody here can read: no person, no group, no time, and always the same length.

    A trigger takes ballots only while the survey is open, whatever the closing does at that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="ballots")
    box = models.BinaryField()

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    PERFORM 1 FROM feedback_survey s
                    WHERE s.id = NEW.survey_id AND s.status = 'open' FOR SHARE;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'survey % takes no ballots', NEW.survey_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_while_open';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return "a sealed ballot"
