"""What an operation does once its request was found valid."""
