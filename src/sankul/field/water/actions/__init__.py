"""What can be done about water."""
