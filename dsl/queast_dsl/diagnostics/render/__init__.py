"""Findings as text for people and JSON for tools."""
