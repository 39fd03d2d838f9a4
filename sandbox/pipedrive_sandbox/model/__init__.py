"""What requests and rows look like."""
