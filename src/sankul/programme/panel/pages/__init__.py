"""HTML doors of the expert panel."""
