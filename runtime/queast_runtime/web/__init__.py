"""Pages for people, rendered on the server: review of matches."""
