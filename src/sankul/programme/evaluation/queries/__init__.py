"""Reading evaluations and explaining their figures."""
