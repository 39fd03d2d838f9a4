"""One row of the API as one record."""
