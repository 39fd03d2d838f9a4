"""What the user configures, typed."""
