"""Plans: pure content, addressed by digest."""
