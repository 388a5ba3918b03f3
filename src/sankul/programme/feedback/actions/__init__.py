"""Every write of the 360-degree survey."""
