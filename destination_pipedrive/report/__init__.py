"""A plan or a finished run as one page for people."""
