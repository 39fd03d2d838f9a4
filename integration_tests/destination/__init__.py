"""The destination against a sandbox server."""
