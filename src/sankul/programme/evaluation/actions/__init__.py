"""Computing and publishing evaluations."""
