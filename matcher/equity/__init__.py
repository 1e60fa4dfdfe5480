"""How groups of families fared, compared with intervals."""
