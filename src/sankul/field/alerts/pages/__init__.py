"""Pages of alerts and detectors."""
