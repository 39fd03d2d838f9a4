"""Deterministic example rows."""
