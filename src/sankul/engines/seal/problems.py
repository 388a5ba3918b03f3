"""Errors of sealing."""


class SealError(ValueError):
    """Content that cannot be sealed, or a bundle or proof that cannot be read; the message says why."""
