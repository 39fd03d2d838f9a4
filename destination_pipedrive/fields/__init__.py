"""The table of field types, and the fields of an account."""
