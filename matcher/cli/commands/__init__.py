"""The commands: each is a file of its name."""
