"""Changing the shared facilities: one verb, one transaction."""
