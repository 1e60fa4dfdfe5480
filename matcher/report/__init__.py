"""Write what a round found: round.json, and text for a terminal."""
