"""`python -m queast_runtime.cli`: the same as `qmap`."""

from queast_runtime.cli.main import main

if __name__ == "__main__":
    main()
