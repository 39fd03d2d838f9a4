"""What an object does that no other one does: one small file each, named in its row of the table."""
