"""What every feature shows its answer with: text, tables, figures, files."""
