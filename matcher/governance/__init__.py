"""The policy for people: its page, where each clause is kept, and the papers of governance."""
