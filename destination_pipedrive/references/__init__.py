"""Parents of records: found, created, or awaited."""
