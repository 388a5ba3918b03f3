"""Collects the texts to translate."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Leaves a new text untranslated, where Django would guess its translation from one that looks alike."""

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
