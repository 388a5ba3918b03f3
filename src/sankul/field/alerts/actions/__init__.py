"""What changes about alerts and detectors: one verb, one transaction."""
