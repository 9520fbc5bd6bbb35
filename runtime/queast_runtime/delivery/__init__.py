"""Admits events into the ledger and brings deliveries to their destinations."""
