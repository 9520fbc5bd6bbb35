"""What a change of mappings, connections, manifests or policy does, read off two sets of plans."""
