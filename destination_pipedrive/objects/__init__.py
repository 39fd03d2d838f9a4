"""The table of objects that can be written."""
