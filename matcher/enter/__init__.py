"""Ticks and decisions of a filled-in workbook of a round, taken into the tables."""
