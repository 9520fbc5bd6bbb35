"""Which record at the destination stands for an entity of ours: pure decisions over keys and candidates."""
