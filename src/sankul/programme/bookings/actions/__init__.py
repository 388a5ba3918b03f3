"""Every write of bookings."""
