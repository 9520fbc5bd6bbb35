"""Tests of mappings: checked against the documents they speak of, and made ready to be run."""
