"""Reading frameworks, and tallying measures into values."""
