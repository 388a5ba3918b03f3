"""Reading what is known about water."""
