"""Which row in Pipedrive a record is about."""
