"""The wing of deployed city systems."""
