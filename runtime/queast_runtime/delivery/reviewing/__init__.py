"""Cases of matching that people decide: answers and what they make, taking them back, in bulk, and the figures."""
