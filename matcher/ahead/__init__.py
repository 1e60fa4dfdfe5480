"""What a choice of today leaves for families that are likely to come: counts over drawn futures."""
