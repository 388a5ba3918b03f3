"""Changing frameworks."""
