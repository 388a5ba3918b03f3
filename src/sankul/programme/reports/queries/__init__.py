"""What a report tells, and which reports there are."""
