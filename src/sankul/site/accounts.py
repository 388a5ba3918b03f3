"""How people sign in: accounts are made by an officer, so nobody signs up."""

from allauth.account import auth_backends
from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from sankul.core.models import User
from sankul.core.queries.actors import account


class AuthenticationBackend(auth_backends.AuthenticationBackend):  # type: ignore[misc]
    """Accounts by e-mail and password."""

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, if it may sign in: what every page asks."""
        user = account(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


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
