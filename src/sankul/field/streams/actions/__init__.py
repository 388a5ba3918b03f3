"""Writes of the field's spine."""
