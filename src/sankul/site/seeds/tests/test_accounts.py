"""The known password opens nothing that other machines can reach."""

import pytest

from sankul.core.models import Event, User
from sankul.core.tests import makers
from sankul.site.seeds import demonstration
from sankul.site.seeds.accounts import tend

pytestmark = pytest.mark.django_db


def _states() -> set[bool]:
    known = [email for email, _role, _can in demonstration.ACCOUNTS]
    return set(User.objects.filter(email__in=known).values_list("is_active", flat=True))


def test_the_demonstrations_accounts_are_open_on_this_machine_alone(settings) -> None:
    for email, _role, _can in demonstration.ACCOUNTS:
        makers.user(email=email)
    other = makers.user()
    settings.DEMONSTRATION_ACCOUNTS = False
    tend(makers.AT)
    other.refresh_from_db()
    assert (_states(), other.is_active) == ({False}, True)
    settings.DEMONSTRATION_ACCOUNTS = True
    tend(makers.AT)
    assert _states() == {True}
    assert Event.objects.count() == 2 * len(demonstration.ACCOUNTS)


def test_tending_again_changes_and_records_nothing(settings) -> None:
    settings.DEMONSTRATION_ACCOUNTS = True
    for email, _role, _can in demonstration.ACCOUNTS:
        makers.user(email=email)
    tend(makers.AT)
    assert not Event.objects.exists()
