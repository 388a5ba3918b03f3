"""Reading the shared facilities."""
