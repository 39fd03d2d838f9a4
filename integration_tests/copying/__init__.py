"""One account copied into another."""
