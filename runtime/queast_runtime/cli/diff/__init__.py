"""`qmap diff`: what a change of mappings does, before anybody publishes it."""
