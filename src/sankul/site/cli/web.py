"""The WSGI application as `sankul up` serves it: imported while the site is being prepared.

Importing takes most of a start. Only the last step waits for the word on standard input: the
application lists the static files when it is made, and serves the tables as they are then.
"""

import importlib
import sys

import django
from django.conf import settings

from sankul.site.cli.up import PREPARED

django.setup()
importlib.import_module(settings.ROOT_URLCONF)
if sys.stdin.readline() != PREPARED:
    raise SystemExit(0)

from sankul.site.wsgi import application  # noqa: E402

__all__ = ["application"]
