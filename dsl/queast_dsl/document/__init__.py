"""Documents as frozen dataclasses, each value with its place."""
