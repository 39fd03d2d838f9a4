"""`make demo`: both connectors at work against the sandbox, in a few minutes and without an account."""
