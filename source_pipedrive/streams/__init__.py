"""The table of streams, and what single rows of it need."""
