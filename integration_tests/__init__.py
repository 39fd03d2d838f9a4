"""Whole connectors, as executables, against the sandbox server."""
