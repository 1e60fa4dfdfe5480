"""Every dated task of a round, in order, and as a calendar file."""
