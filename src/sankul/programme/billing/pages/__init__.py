"""Billing as people meet it."""
