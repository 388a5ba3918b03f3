"""Collecting the texts to translate: as Django does it, and also those marked ``_t``."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """``makemessages`` that knows the short name under which modules with ``_`` import plain ``gettext``."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_t"]
