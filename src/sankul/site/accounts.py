"""How people sign in: accounts are made by an officer, so nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an officer makes accounts and grants roles."""
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on opens an account that exists already, by its verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:
        """Never: see ``AccountAdapter``."""
        return False
