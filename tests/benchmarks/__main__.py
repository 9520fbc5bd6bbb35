"""`python -m tests.benchmarks`: one JSON object a line; what is going on goes to stderr.

To add a measurement: a file in `rows/` with `def run() -> Iterator[Row]`, and its module in ROWS.
"""

from __future__ import annotations

import sys

from tests.benchmarks.rows import (
    changes,
    events_to_intents,
    lint_dense,
    many_tenants,
    mapping_speed,
    matching,
    start_up,
    submit_to_delivered,
)

ROWS = (
    start_up,
    lint_dense,
    mapping_speed,
    many_tenants,
    events_to_intents,
    matching,
    submit_to_delivered,
    changes,
)


def main() -> int:
    missed = 0
    for module in ROWS:
        print(f"{module.__name__.rpartition('.')[2]}: {(module.__doc__ or '').splitlines()[0]}", file=sys.stderr)
        for row in module.run():
            print(row.line(), flush=True)
            missed += not row.ok
    if missed:
        print(f"{missed} goals missed", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
