"""What is remembered between two calls."""
