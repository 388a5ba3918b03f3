"""Bookings as pages."""
