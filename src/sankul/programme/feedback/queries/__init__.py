"""Every read of the 360-degree survey."""
