"""Pages of the 360-degree survey."""
