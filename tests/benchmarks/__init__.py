"""Benchmarks: `python -m tests.benchmarks` prints one JSON object a line."""
