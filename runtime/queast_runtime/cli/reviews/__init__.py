"""`qmap review`: what each of its commands does."""
