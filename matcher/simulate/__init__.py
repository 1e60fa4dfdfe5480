"""Weekly rounds over a year: the same families and households under several ways to choose."""
