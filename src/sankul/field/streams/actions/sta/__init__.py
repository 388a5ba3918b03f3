"""Writing for the SensorThings API: entities with what stands inside, changes, deletions, observations singly and in arrays."""
