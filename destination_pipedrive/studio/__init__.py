"""A local page on which a mapping is made: columns and fields, problems beside them, a plan of the first rows."""
