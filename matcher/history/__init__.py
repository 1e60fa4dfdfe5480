"""The history of rounds and decisions: an append-only store in which every change shows."""
