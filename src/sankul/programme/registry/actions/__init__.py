"""Every change of the registry: one verb, one transaction, one line in the event log."""
