"""The duty desk: one request now, with what each choice does to the families that are known."""
