"""The National Placement Standard beside our requests: one table of fields, read both ways."""
