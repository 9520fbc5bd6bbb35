"""How long a person waits: `qmap --help`, `qmap lint` of a mapping, and compiling one after start-up.

CPU of child processes as the operating system counts it; a first run, which is not counted, warms the file cache and
leaves byte code for the others, as an installation has it.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date

from tests.benchmarks.example_release import MAPPINGS, ROOT, environment
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
    command = [sys.executable, "-m", "queast_runtime.cli", *arguments]
    taken: list[float] = []
    with environment({"PYTHONDONTWRITEBYTECODE": ""}):
        for _ in range(RUNS + 1):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, cwd=ROOT, env=os.environ, check=True, capture_output=True, timeout=60)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken[1:])


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
