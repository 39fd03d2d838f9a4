"""What is to be done about a record: pure decisions."""
