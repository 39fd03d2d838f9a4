"""What the account holds besides records: users, stages, pipelines, labels, by name or id."""
