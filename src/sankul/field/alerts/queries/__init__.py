"""Every read of alerts and detectors."""
