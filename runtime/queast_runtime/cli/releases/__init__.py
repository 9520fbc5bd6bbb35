"""What the commands that release share: who acts, what stands and what waits, what is gated, and the signing."""
