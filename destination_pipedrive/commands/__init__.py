"""The commands besides write: check, discover, and what every run checks before it starts."""
