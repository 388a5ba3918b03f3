"""The public portal and the dashboard: pages that cross areas."""
