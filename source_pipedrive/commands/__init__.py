"""Commands for people beside those of the protocol. None of them loads the CDK."""
