import pytest
from django.db import IntegrityError

from sankul.core.actions.constraints import refusing
from sankul.core.models import User
from sankul.core.rules.verdicts import Refused

pytestmark = pytest.mark.django_db


def test_a_broken_constraint_that_is_named_is_refused_and_the_transaction_goes_on() -> None:
    User.objects.create(email="a@example.org", name="A")
    with pytest.raises(Refused, match="Taken"), refusing({"user_email_unique": "Taken."}):
        User.objects.create(email="A@example.org", name="B")
    assert User.objects.get().name == "A"


def test_another_broken_constraint_passes_as_it_is() -> None:
    User.objects.create(email="a@example.org", name="A")
    with pytest.raises(IntegrityError, match="user_email_unique"), refusing({"other": "Taken."}):
        User.objects.create(email="a@example.org", name="B")
