"""The evaluation's HTML doors."""
