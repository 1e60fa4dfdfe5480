"""Drafts of the documents that the policy asks for, as Word files from templates."""
