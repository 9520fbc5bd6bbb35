"""Runs tests of mappings: each in a rehearsal of its own, with only what it gives."""
