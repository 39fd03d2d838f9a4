"""Columns of a table to a mapping that can be used as it is: columns, samples, candidates, choice, text. Pure."""
