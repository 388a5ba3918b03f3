"""Reads of the field's spine."""
