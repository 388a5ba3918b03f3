"""What Sankul takes in time and memory, beside peers that do the same task in the same run."""
