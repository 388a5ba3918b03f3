"""Every write of the expert panel."""
