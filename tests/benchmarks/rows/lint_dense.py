"""How long lint takes over a mapping that is as large as a file may be, and how much memory: `qmap lint` as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.conditions_mapping import write_conditions
from tests.benchmarks.dense_mapping import write_dense
from tests.benchmarks.example_release import ROOT
from tests.benchmarks.process import qmap
from tests.benchmarks.row import Row, at_least, at_most

RUNS = 3


def run() -> Iterator[Row]:
    """Yield the count of expressions, the median seconds of CPU and the most MiB resident of `qmap lint`; then its
    seconds where the conditions of a hundred routes are compared, each with all others."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        yield at_least("lint_dense.expressions", write_dense(root), "expressions", 2000)
        taken, most = zip(*[_lint(root) for _ in range(RUNS + 1)][1:], strict=True)
    yield at_most("lint_dense.cpu", sorted(taken)[RUNS // 2], "s CPU", 3)
    yield at_most("lint_dense.memory", max(most), "MiB", 200)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        write_conditions(root)
        taken, _ = zip(*[_lint(root) for _ in range(RUNS + 1)][1:], strict=True)
    yield at_most("lint_dense.conditions_cpu", sorted(taken)[RUNS // 2], "s CPU", 3)


def _lint(root: Path) -> tuple[float, float]:
    ran = qmap("lint", str(root), cwd=ROOT)
    if ran.code != 0:
        raise RuntimeError(f"lint of the dense mapping ended with {ran.code}")
    return ran.cpu_s, ran.most_mib
