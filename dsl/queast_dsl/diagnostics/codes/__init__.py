"""Codes by topic."""
