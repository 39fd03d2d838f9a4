"""What became of the records."""
