"""The shared facilities as pages."""
