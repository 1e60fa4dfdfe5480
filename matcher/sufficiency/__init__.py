"""Where the homes of a round fall short of its families, and what is behind it."""
