"""Things, data streams, observations, quality flags: the one spine of field systems."""
