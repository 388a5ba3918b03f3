"""Who uses which instrument when: bookings, approvals, use, calendars."""
