"""The expression language of `where`, `filter` and conditions."""
