"""Measurements that back what the documents promise. `make bench-tokens`."""
