"""Making annual reports."""
