"""Whether there are enough of the right homes: where the gaps are, and what would close them."""
