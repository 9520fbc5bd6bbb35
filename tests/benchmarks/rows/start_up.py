"""How long a person waits: `qmap --help`, `qmap lint` of a mapping, and compiling one after start-up.

CPU of child processes as the operating system counts it; a first run warms the file cache and is not counted.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import date

from tests.benchmarks.example_release import MAPPINGS, ROOT
from tests.benchmarks.process import qmap
from tests.benchmarks.row import Row, at_most

from queast_compiler.pipeline import compile_tenant
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant

RUNS = 5
COMPILATIONS = 21
TENANT = "acme"


def run() -> Iterator[Row]:
    """Yield seconds of CPU of two commands, then milliseconds of CPU for one mapping from its text to its plan."""
    yield at_most("start_up.help", _command_s("--help"), "s CPU", 0.3)
    lint = _command_s("lint", str((MAPPINGS / TENANT / "acme-hubspot.yaml").relative_to(ROOT)))
    yield at_most("start_up.lint_one_mapping", lint, "s CPU", 0.8)
    yield at_most("compile.mapping", _compile_ms(), "ms CPU", 20)


def _command_s(*arguments: str) -> float:
    """Return the median seconds of CPU (user and system) of `qmap ARGUMENTS`."""
    ran = [qmap(*arguments, cwd=ROOT) for _ in range(RUNS + 1)][1:]
    if any(each.code != 0 for each in ran):
        raise RuntimeError(f"qmap {' '.join(arguments)} did not end with 0")
    return statistics.median(each.cpu_s for each in ran)


def _compile_ms() -> float:
    """Return the median milliseconds from the files of the tenant's folder to a plan of its one mapping."""
    taken: list[float] = []
    for _ in range(COMPILATIONS + 1):
        diagnostics = Diagnostics()
        start = time.process_time()
        documents = load_tenant(MAPPINGS, TENANT, diagnostics)
        compiled = compile_tenant(
            documents,
            diagnostics,
            today=date(2026, 1, 31),
            connectors=lambda name, found=diagnostics: load_connector(name, found),
        )
        taken.append((time.process_time() - start) * 1000)
        assert len(compiled.mappings) == 1
        assert not diagnostics.has_errors
    return statistics.median(taken[1:])
