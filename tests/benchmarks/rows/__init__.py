"""The measurements: one file each, with `def run() -> Iterator[Row]`; listed in ROWS of `__main__`."""
