"""What publish, approve, rollback and history share: who acts, what stands, what is gated, and the signing."""
