"""Keys, releases, sealing, signatures and the egress guard."""
