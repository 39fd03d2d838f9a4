"""Reading: lists, parents, states, deletions, on the CDK's concurrent streams."""
