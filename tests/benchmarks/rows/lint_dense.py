"""How long lint takes over a mapping that is as large as a file may be, and how much memory: `qmap lint` as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.conditions_mapping import write_conditions
from tests.benchmarks.dense_mapping import write_dense
from tests.benchmarks.example_release import ROOT
from tests.benchmarks.row import Row, at_least, at_most

RUNS = 3
_KIB_A_MIB = 1024


def run() -> Iterator[Row]:
    """Yield the count of expressions, the median seconds of CPU and the most MiB resident of `qmap lint`; then its
    seconds where the conditions of a hundred routes are compared, each with all others."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        yield at_least("lint_dense.expressions", write_dense(root), "expressions", 2000)
        taken, most = zip(*(_lint(root) for _ in range(RUNS)), strict=True)
    yield at_most("lint_dense.cpu", sorted(taken)[RUNS // 2], "s CPU", 3)
    yield at_most("lint_dense.memory", max(most), "MiB", 200)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        write_conditions(root)
        taken, _ = zip(*(_lint(root) for _ in range(RUNS)), strict=True)
    yield at_most("lint_dense.conditions_cpu", sorted(taken)[RUNS // 2], "s CPU", 3)


def _lint(root: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "queast_runtime.cli", "lint", str(root)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"lint of the dense mapping ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB_A_MIB
