"""What senders tell us: verified, taken once each, matched with Queast's companies, and made a bookmark."""
