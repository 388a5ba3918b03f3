"""Seed programmes: what a new site can be filled with."""
