"""The area's pages."""
