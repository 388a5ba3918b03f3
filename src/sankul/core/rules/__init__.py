"""The law that every area shares: roles, verdicts, canonical form, kinds of documents."""
