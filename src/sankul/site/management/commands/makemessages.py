"""Collects the texts to translate."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Leaves a new text untranslated, where Django would guess its translation from one that looks alike.

    Finds texts under the other names that modules give ``gettext`` too, beside ``_`` for the lazy one.
    """

    xgettext_options = [
        *makemessages.Command.xgettext_options,
        "--keyword=_t",
        "--keyword=_l",
        "--keyword=_lazy",
    ]
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
