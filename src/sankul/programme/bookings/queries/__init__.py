"""Every read of bookings."""
