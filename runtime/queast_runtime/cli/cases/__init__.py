"""`qmap test`: tests of mappings, run, shown, measured, brought up to date and recorded."""
