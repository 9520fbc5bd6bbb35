"""`qmap init`: a tenant's repository to begin with, and a first mapping out of an account's properties."""
