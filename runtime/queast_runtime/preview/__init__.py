"""Looks at what would happen, or why it happened, without doing it."""
