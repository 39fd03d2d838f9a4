"""From the config and the account to a stream's mapping, and from a record to a mapped record."""
