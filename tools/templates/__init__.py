"""The wording and the looks of the Word templates that ship."""
