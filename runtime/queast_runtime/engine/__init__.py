"""What an event means under a release: pure decisions, no store, no network."""
