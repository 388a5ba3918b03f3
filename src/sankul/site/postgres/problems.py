"""What can go wrong with the embedded server."""


class PostgresError(RuntimeError):
    """The embedded server cannot be used; the message says why and what to do about it."""
