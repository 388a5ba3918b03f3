"""Pages about water."""
