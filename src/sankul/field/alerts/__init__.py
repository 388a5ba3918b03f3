"""Alerts of field systems: detectors over streams, and the way from an alert to its action, its proof and its cause."""
