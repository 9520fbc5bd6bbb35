"""A first mapping out of what an account has: its properties beside our fields, by name and type. Pure."""
