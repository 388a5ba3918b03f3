"""Every read of the expert panel."""
