"""Which addresses a webhook may have: outside, by TLS, so that nobody reaches the inside of the house through it.

OWASP, Server-Side Request Forgery Prevention: the scheme, the host and every address that it resolves to are checked, and the
connection is made to the very address that was checked.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused


def are_private_allowed() -> bool:
    """Whether the operator opens private addresses, and plain HTTP to them (``ALERTS_WEBHOOK_PRIVATE``)."""
    return bool(getattr(settings, "ALERTS_WEBHOOK_PRIVATE", False))


def why_not_url(url: str) -> Verdict:
    """Whether an address can be a webhook, as far as its text tells."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return refused(_t("This is no address of the web."))
    if parts.scheme != "https" and not (parts.scheme == "http" and are_private_allowed()):
        return refused(_t("The address must begin with https://."))
    if not parts.hostname or parts.username or parts.password:
        return refused(_t("The address must name a host, and no user."))
    if port not in (None, 443, 8443) and not are_private_allowed():
        return refused(_t("Only the ports 443 and 8443 are called."))
    return _why_not_literal(parts.hostname)


def _why_not_literal(host: str) -> Verdict:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ALLOWED
    return why_not_address(host)


def why_not_address(address: str) -> Verdict:
    """Whether an IP address is outside: not private, local, link-local, multicast or reserved; nor one of those within IPv6."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        found = inner or found
    if (found.is_global and not found.is_multicast) or are_private_allowed():
        return ALLOWED
    return refused(_t("The address leads into a private network, which is not called."))
