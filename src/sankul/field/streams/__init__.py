"""Things, data streams, observations, quality flags, alerts: the one spine of field systems."""
